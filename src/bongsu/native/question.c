/* Questions to history as boards, consoles and clients write them: metric=m&label.host=a&start=…&end=…&step=60s&agg=max */

#include <string.h>

#include "python.h"

enum { MOST_LABELS = 16, TIME_DIGITS = 13, STEP_DIGITS = 12, PREFIX = 6 /* label. */ };

static const int64_t LONGEST = 200 * 366 * 86400000ll; /* milliseconds */

/* Where a part of the text begins and ends. */
struct span {
    int64_t begin, end;
};

/* What was read. `agg` and `tier` are places in the lists of names that were given, -1 where they aren't told. */
struct question {
    int64_t start, end, step, agg, tier;
    struct span metric;
    struct {
        struct span name, value;
    } labels[MOST_LABELS];
};

enum { START = 1, END = 2, STEP = 4, METRIC = 8, AGG = 16, TIER = 32, NEEDED = START | END | STEP | METRIC };

static int is(const char *text, int64_t length, const char *word) {
    return (int64_t)strlen(word) == length && !memcmp(text, word, (size_t)length);
}

/* UTC milliseconds of the years 2001 to 2286; 0 where they are told otherwise. */
static int64_t time_of(const char *text, int64_t length) {
    int64_t number = 0;
    if (length != TIME_DIGITS)
        return 0;
    for (int i = 0; i < TIME_DIGITS; i++) {
        unsigned digit = (unsigned char)text[i] - '0';
        if (digit > 9)
            return 0;
        number = number * 10 + digit;
    }
    return number;
}

/* A duration such as 60s in milliseconds; 0 where it is none, or one that is refused (server/parameters.py). */
static int64_t duration_of(const char *text, int64_t length) {
    static const struct {
        char name[3];
        int64_t milliseconds;
    } units[] = {{"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}, {"ms", 1}, {"w", 604800000}};
    int64_t number = 0, digits = 0;
    for (; digits < length && digits < STEP_DIGITS && text[digits] >= '0' && text[digits] <= '9'; digits++)
        number = number * 10 + (text[digits] - '0');
    if (!digits)
        return 0;
    for (unsigned i = 0; i < sizeof units / sizeof *units; i++)
        if (is(text + digits, length - digits, units[i].name))
            return number <= LONGEST / units[i].milliseconds ? number * units[i].milliseconds : 0;
    return 0;
}

/* The place of a word in a list of words that a comma ends each; -1 where it isn't there. */
static int64_t place_of(const char *text, int64_t length, const char *words) {
    for (int64_t place = 0; *words; place++) {
        const char *comma = strchr(words, ',');
        if (comma - words == length && !memcmp(words, text, (size_t)length))
            return place;
        words = comma + 1;
    }
    return -1;
}

/* Read one parameter that is no label: which it is; 0 where its value isn't plain, or it is another. */
static int read_parameter(const char *text, struct span name, struct span value, const char *aggs, const char *tiers,
                          struct question *out) {
    const char *word = text + value.begin;
    int64_t size = value.end - value.begin, length = name.end - name.begin;
    const char *called = text + name.begin;
    if (is(called, length, "metric")) {
        out->metric = value;
        return size ? METRIC : 0;
    }
    if (is(called, length, "start"))
        return (out->start = time_of(word, size)) ? START : 0;
    if (is(called, length, "end"))
        return (out->end = time_of(word, size)) ? END : 0;
    if (is(called, length, "step"))
        return (out->step = duration_of(word, size)) ? STEP : 0;
    if (is(called, length, "agg"))
        return (out->agg = place_of(word, size, aggs)) < 0 ? 0 : AGG;
    if (is(called, length, "tier"))
        return (out->tier = place_of(word, size, tiers)) < 0 ? 0 : TIER;
    return 0;
}

/* Whether none of the labels before has the name of this one. */
static int is_new(const char *text, const struct question *out, int64_t label) {
    struct span name = out->labels[label].name;
    for (int64_t i = 0; i < label; i++) {
        struct span other = out->labels[i].name;
        if (other.end - other.begin == name.end - name.begin &&
            !memcmp(text + other.begin, text + name.begin, (size_t)(name.end - name.begin)))
            return 0;
    }
    return 1;
}

/* Read a query string: how many labels it names, where it is plain: printable ASCII without escapes, each parameter
   once, both times in digits and in their order, a step. -1 where somebody else must read it.
   `aggs` and `tiers` are the words that these may be, a comma behind each. */
static int64_t read_question(const char *text, int64_t length, const char *aggs, const char *tiers, struct question *out) {
    int64_t labels = 0;
    int seen = 0;
    out->agg = out->tier = -1;
    for (int64_t begin = 0, end; begin <= length; begin = end + 1) {
        int64_t equals = -1;
        for (end = begin; end < length && text[end] != '&'; end++) {
            char one = text[end];
            if (one < 0x21 || one > 0x7e || one == '%' || one == '+' || one == '#' || (one == '=' && equals >= 0))
                return -1;
            if (one == '=')
                equals = end;
        }
        if (equals < 0)
            return -1;
        struct span name = {begin, equals}, value = {equals + 1, end};
        if (equals - begin > PREFIX && !memcmp(text + begin, "label.", PREFIX)) {
            if (labels == MOST_LABELS)
                return -1;
            name.begin += PREFIX;
            out->labels[labels].name = name;
            out->labels[labels].value = value;
            if (!is_new(text, out, labels++))
                return -1;
        } else {
            int which = read_parameter(text, name, value, aggs, tiers, out);
            if (!which || seen & which)
                return -1;
            seen |= which;
        }
    }
    return (seen & NEEDED) == NEEDED && out->start < out->end ? labels : -1;
}

static PyObject *words(const char *text, struct span span) {
    return PyUnicode_FromStringAndSize(text + span.begin, span.end - span.begin);
}

/* Puts something into a tuple, or NULL where there is no memory. */
static int put(PyObject *tuple, int64_t place, PyObject *what) {
    return what && !PyTuple_SetItem(tuple, place, what);
}

static PyObject *pair_of(const char *text, struct span name, struct span value) {
    PyObject *pair = PyTuple_New(2);
    if (pair && put(pair, 0, words(text, name)) && put(pair, 1, words(text, value)))
        return pair;
    Py_DecRef(pair);
    return NULL;
}

static PyObject *told(const char *text, const struct question *found, int64_t labels) {
    PyObject *question = PyTuple_New(6 + labels);
    int good = question && put(question, 0, words(text, found->metric)) &&
               put(question, 1, PyLong_FromLongLong(found->start)) &&
               put(question, 2, PyLong_FromLongLong(found->end)) &&
               put(question, 3, PyLong_FromLongLong(found->step)) &&
               put(question, 4, PyLong_FromLongLong(found->agg)) &&
               put(question, 5, PyLong_FromLongLong(found->tier));
    for (int64_t i = 0; good && i < labels; i++)
        good = put(question, 6 + i, pair_of(text, found->labels[i].name, found->labels[i].value));
    if (good)
        return question;
    Py_DecRef(question);
    return NULL;
}

/* From the bytes of a query string to a tuple: metric, start, end, step, the places of aggregation and tier, and a pair a
   label; the empty tuple where somebody else must read it. */
static PyObject *question(PyObject *words, PyObject *const *arguments, ptrdiff_t count) {
    char *text, *aggs, *tiers;
    ptrdiff_t length, size;
    struct question found = {0};
    if (count != 1) {
        PyErr_SetString(PyExc_TypeError, "one query string is read at a time");
        return NULL;
    }
    if (PyBytes_AsStringAndSize(arguments[0], &text, &length) ||
        PyBytes_AsStringAndSize(PyTuple_GetItem(words, 0), &aggs, &size) ||
        PyBytes_AsStringAndSize(PyTuple_GetItem(words, 1), &tiers, &size))
        return NULL;
    int64_t labels = read_question(text, length, aggs, tiers, &found);
    return labels < 0 ? PyTuple_New(0) : told(text, &found, labels);
}

/* That as a function of Python's; the bytes of two lists of words, aggregations and tiers, are its own. */
PyObject *bongsu_question(PyObject *words) {
    static PyMethodDef reading = {"question", question, FASTCALL, NULL};
    return PyCFunction_NewEx(&reading, words, NULL);
}
