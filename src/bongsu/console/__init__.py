"""The console: Streamlit pages and Plotly figures over the REST answers and the live frames of a running server.

`figures` serves notebooks as well; `process` starts the console as a child of the server and imports neither
Streamlit nor Plotly.
"""
