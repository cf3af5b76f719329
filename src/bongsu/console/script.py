"""What Streamlit runs for every visit and every click; the page itself is in `pages`."""

from bongsu.console.pages import run

run()
