"""An extension on the installed library loads into Python and computes: extension_test.py EXTENSION."""

import ctypes
import sys

extension = ctypes.PyDLL(sys.argv[1])
for function in (extension.count_parameters, extension.open_weights):
    function.restype = ctypes.py_object
    function.argtypes = [ctypes.c_char_p]
assert extension.count_parameters(b"resnet18") == 11689512, "torchvision's resnet18 has 11,689,512 parameters"
assert "did you mean 'resnet18'" in extension.count_parameters(b"resnet19"), "a C++ Error is caught"
assert extension.open_weights(b"nowhere.pth").startswith("cannot open nowhere.pth"), extension.open_weights(b"nowhere.pth")
print("extension: ok")
