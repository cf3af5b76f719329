/* What is needed of Python to be called by it, declared here: installing needs none of its headers. All of it is of the
   stable ABI (PEP 384), the same in each version from 3.11 on that has a lock. */

#ifndef BONGSU_PYTHON_H
#define BONGSU_PYTHON_H

#include <stddef.h>
#include <stdint.h>

typedef struct type PyTypeObject;

typedef struct object {
    ptrdiff_t references;
    PyTypeObject *type;
} PyObject;

/* Flag 0x80, METH_FASTCALL: arguments come as they lie. */
typedef struct method {
    const char *name;
    PyObject *(*call)(PyObject *self, PyObject *const *arguments, ptrdiff_t count);
    int flags;
    const char *doc;
} PyMethodDef;

enum { FASTCALL = 0x80 };

typedef struct buffer {
    void *place;
    PyObject *of;
    ptrdiff_t size, item_size;
    int read_only, dimensions;
    char *format;
    ptrdiff_t *shape, *strides, *offsets;
    void *internal;
} Py_buffer;

/* What is asked of a buffer: that it may be written to, that its items' kind is told, and (PyBUF_ND) that one item lies
   behind the other, told how many by dimension. */
enum { WRITABLE = 1, FORMATTED = 4, SHAPED = 8 };

extern PyTypeObject PyLong_Type, PyList_Type;
extern PyObject _Py_NoneStruct, *PyExc_TypeError;

#define Py_None (&_Py_NoneStruct)

PyObject *PyCFunction_NewEx(PyMethodDef *, PyObject *self, PyObject *module);
void *PyEval_SaveThread(void);
void PyEval_RestoreThread(void *);
PyObject *PyErr_Occurred(void);
void PyErr_SetString(PyObject *error, const char *text);
void PyErr_Clear(void);
int PyBytes_AsStringAndSize(PyObject *, char **, ptrdiff_t *);
void PyBuffer_Release(Py_buffer *);
int PyObject_GetBuffer(PyObject *, Py_buffer *, int flags);
void *PyMem_Malloc(size_t);
void PyMem_Free(void *);
ptrdiff_t PyList_Size(PyObject *);
PyObject *PyList_GetItem(PyObject *, ptrdiff_t);
PyObject *PyErr_NoMemory(void);
long long PyLong_AsLongLong(PyObject *);
void *PyLong_AsVoidPtr(PyObject *);
PyObject *PyLong_FromLongLong(long long);
PyObject *PyBool_FromLong(long);
PyObject *PyTuple_GetItem(PyObject *, ptrdiff_t);
PyObject *PyTuple_New(ptrdiff_t);
PyObject *PyTuple_GetItem(PyObject *, ptrdiff_t);
int PyTuple_SetItem(PyObject *, ptrdiff_t, PyObject *);
PyObject *PyUnicode_FromStringAndSize(const char *, ptrdiff_t);
void Py_DecRef(PyObject *);

#endif
