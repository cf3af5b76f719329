# What both scripts know of a noted process: its id and when it began, so that a number given to another program since
# is never taken for ours. Sourced, not run.

began() { # pid
    if [ -r "/proc/$1/stat" ]; then
        sed 's/^.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20
    else
        ps -o lstart= -p "$1" 2>/dev/null
    fi
}

note() { # pid, file
    printf '%s\n%s\n' "$1" "$(began "$1")" >"$2"
}

pid_of() { # file
    sed -n 1p "$1"
}

is_ours() { # file
    [ -r "$1" ] || return 1
    pid=$(pid_of "$1")
    case $pid in '' | *[!0-9]*) return 1 ;; esac
    kill -0 "$pid" 2>/dev/null || return 1
    [ "$(began "$pid")" = "$(sed -n 2p "$1")" ]
}
