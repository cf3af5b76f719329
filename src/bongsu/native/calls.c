/* Functions of this library as functions of Python. Between two questions a machine does other things, and ctypes with
   libffi is so much code that its first call took 20 µs from cold caches; this takes one or two. */

#include "python.h"

enum { MOST = 12 };

typedef int64_t (*Function)(int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t);

static int refuse(const char *why) {
    PyErr_SetString(PyExc_TypeError, why);
    return 0;
}

/* What a function is called with: a number, or the place of something that is held until the function is back. A list
   has its places in memory of its own, with the buffers of its items behind them. */
struct argument {
    int64_t number;
    Py_buffer buffer;
    int64_t *places;
    ptrdiff_t count;
};

/* Where the content of an object lies; 0 where it has none. */
static int placed(PyObject *object, Py_buffer *buffer) {
    if (PyObject_GetBuffer(object, buffer, SHAPED)) {
        buffer->of = NULL;
        return 0;
    }
    return buffer->dimensions > 0 || refuse("a single number of numpy or ctypes is neither a number nor an array");
}

static Py_buffer *buffers_of(struct argument *list) { return (Py_buffer *)(void *)(list->places + list->count); }

static int placed_all(PyObject *list, struct argument *out) {
    ptrdiff_t count = PyList_Size(list);
    out->places = PyMem_Malloc((size_t)count * (sizeof *out->places + sizeof(Py_buffer)) + 1);
    if (!out->places)
        return PyErr_NoMemory() != NULL;
    out->number = (int64_t)(intptr_t)out->places;
    out->count = count;
    Py_buffer *buffers = buffers_of(out);
    for (ptrdiff_t i = 0; i < count; i++)
        buffers[i].of = NULL;
    for (ptrdiff_t i = 0; i < count; i++) {
        PyObject *item = PyList_GetItem(list, i);
        int there = item != Py_None;
        if (there && !placed(item, buffers + i))
            return 0;
        out->places[i] = there ? (int64_t)(intptr_t)buffers[i].place : 0;
    }
    return 1;
}

static int taken(PyObject *object, struct argument *out) {
    out->buffer.of = NULL;
    out->places = NULL;
    if (object->type == &PyLong_Type) {
        out->number = PyLong_AsLongLong(object);
        return out->number != -1 || !PyErr_Occurred();
    }
    if (object->type == &PyList_Type)
        return placed_all(object, out);
    int good = placed(object, &out->buffer);
    out->number = (int64_t)(intptr_t)out->buffer.place;
    return good;
}

static void released(struct argument *argument) {
    if (argument->buffer.of)
        PyBuffer_Release(&argument->buffer);
    if (argument->places) {
        Py_buffer *buffers = buffers_of(argument);
        for (ptrdiff_t i = 0; i < argument->count; i++)
            if (buffers[i].of)
                PyBuffer_Release(buffers + i);
        PyMem_Free(argument->places);
    }
}

static inline PyObject *called(PyObject *self, PyObject *const *objects, ptrdiff_t count, int apart) {
    Function function = (Function)(intptr_t)PyLong_AsVoidPtr(self);
    struct argument given[MOST];
    int64_t with[MOST] = {0}, found = 0;
    ptrdiff_t so_far = 0;
    int good = 1;
    if (count > MOST)
        return refuse("a function takes twelve arguments at most"), NULL;
    while (good && so_far < count) {
        good = taken(objects[so_far], given + so_far);
        with[so_far] = given[so_far].number;
        so_far++;
    }
    if (good) {
        void *thread = apart ? PyEval_SaveThread() : NULL;
        found = function(with[0], with[1], with[2], with[3], with[4], with[5], with[6], with[7], with[8], with[9],
                         with[10], with[11]);
        if (apart)
            PyEval_RestoreThread(thread);
    }
    while (so_far)
        released(given + --so_far);
    return good ? PyLong_FromLongLong(found) : NULL;
}

static PyObject *call(PyObject *self, PyObject *const *objects, ptrdiff_t count) {
    return called(self, objects, count, 0);
}

static PyObject *call_apart(PyObject *self, PyObject *const *objects, ptrdiff_t count) {
    return called(self, objects, count, 1);
}

/* The function at an address (a whole number of Python's) for Python: it takes twelve arguments at most, whole numbers,
   and bytes and arrays by their place, and lists of these (and of None) by a list of places. What it gives is a whole
   number, of no meaning where the function gives none. */
PyObject *bongsu_callable(PyObject *address) {
    static PyMethodDef calling = {"call", call, FASTCALL, NULL};
    return PyCFunction_NewEx(&calling, address, NULL);
}

/* The same without the interpreter's lock. */
PyObject *bongsu_callable_apart(PyObject *address) {
    static PyMethodDef calling = {"call_apart", call_apart, FASTCALL, NULL};
    return PyCFunction_NewEx(&calling, address, NULL);
}
