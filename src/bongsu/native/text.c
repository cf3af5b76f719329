/* The text of one curve, with what stands before and behind it, as a function of Python's own kind: an answer of one
   series in one call and one piece. */

#include <string.h>

#include "points.h"
#include "python.h"

enum { GIVEN = 5 };

/* Takes the buffer of an array of one dimension whose numbers of eight bytes lie one behind the other; 0 where it is
   another. */
static int plain(PyObject *array, Py_buffer *buffer, const char *kinds) {
    if (PyObject_GetBuffer(array, buffer, SHAPED | FORMATTED)) {
        PyErr_Clear();
        buffer->of = NULL;
        return 0;
    }
    return buffer->dimensions == 1 && buffer->item_size == 8 && buffer->format && *buffer->format &&
           strchr(kinds, *buffer->format) && !buffer->format[1];
}

/* How many bytes were written; -1 where the numbers are of another kind, or more than there is room for. */
static int64_t write_text(const Py_buffer *room, const char *before, ptrdiff_t begin, const Py_buffer *at,
                          const Py_buffer *value, const char *behind, ptrdiff_t more) {
    int64_t count = *at->shape, end = 0;
    if (count != *value->shape || room->size < begin + more || (room->size - begin - more) / POINT_ROOM <= count)
        return -1;
    char *out = room->place;
    const double *values[1] = {value->place};
    memcpy(out, before, (size_t)begin);
    out += begin;
    bongsu_points(at->place, values, count, 1, NULL, out, 0, &end);
    memcpy(out + end, behind, (size_t)more);
    return begin + end + more;
}

/* Room, what stands before, times, values, what stands behind. */
static PyObject *text(PyObject *self, PyObject *const *given, ptrdiff_t count) {
    Py_buffer room = {0}, at = {0}, value = {0};
    char *before, *behind;
    ptrdiff_t begin, more;
    int64_t written = -1;
    (void)self;
    if (count != GIVEN) {
        PyErr_SetString(PyExc_TypeError, "a text is made of room, beginning, times, values and end");
        return NULL;
    }
    if (PyBytes_AsStringAndSize(given[1], &before, &begin) || PyBytes_AsStringAndSize(given[4], &behind, &more) ||
        PyObject_GetBuffer(given[0], &room, WRITABLE | SHAPED))
        return NULL;
    if (plain(given[2], &at, "lq") && plain(given[3], &value, "d"))
        written = write_text(&room, before, begin, &at, &value, behind, more);
    PyBuffer_Release(&room); /* of a buffer that wasn't taken nothing is released */
    PyBuffer_Release(&at);
    PyBuffer_Release(&value);
    return PyLong_FromLongLong(written);
}

/* That as a function of Python's. */
PyObject *bongsu_text(PyObject *nothing) {
    static PyMethodDef writing = {"text", text, FASTCALL, NULL};
    return PyCFunction_NewEx(&writing, nothing, NULL);
}
