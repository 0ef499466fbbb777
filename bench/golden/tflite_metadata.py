"""Makes test/fixtures/models/tflite-metadata.tflite: the first of the golden networks with TFLite's metadata (normalisation of
the input, names of the classes), as the metadata writer of the TFLite support library puts it there.

    python bench/golden/tflite_metadata.py test/fixtures/models/tflite/cnn-int8.tflite test/fixtures/models/tflite-metadata.tflite
"""

import io
import sys
import zipfile

import flatbuffers
from tensorflow.lite.python import schema_py_generated as s


def vector(b, items, each=4):
    b.StartVector(each, len(items), 4)
    for item in reversed(items):
        b.PrependUOffsetTRelative(item)
    return b.EndVector()


def floats(b, values):
    b.StartVector(4, len(values), 4)
    for value in reversed(values):
        b.PrependFloat32(value)
    return b.EndVector()


def table(b, size, *fields):
    b.StartObject(size)
    for slot, kind, value in fields:
        if kind == "offset":
            b.PrependUOffsetTRelativeSlot(slot, value, 0)
        else:
            b.PrependInt8Slot(slot, value, 0)
    return b.EndObject()


def metadata():
    b = flatbuffers.Builder(256)
    options = table(b, 2, (0, "offset", floats(b, [127.5])), (1, "offset", floats(b, [63.75])))
    unit = table(b, 2, (0, "int8", 1), (1, "offset", options))
    image = table(b, 8, (4, "offset", vector(b, [unit])))
    labels = table(b, 4, (0, "offset", b.CreateString("labels.txt")), (2, "int8", 2))
    scores = table(b, 8, (6, "offset", vector(b, [labels])))
    graph = table(b, 8, (2, "offset", vector(b, [image])), (3, "offset", vector(b, [scores])))
    model = table(b, 8, (0, "offset", b.CreateString("sample")), (3, "offset", vector(b, [graph])))
    b.Finish(model, b"M001")
    return bytes(b.Output())


source, target = sys.argv[1:]
model = s.ModelT.InitFromObj(s.Model.GetRootAsModel(open(source, "rb").read(), 0))
entry, buffer = s.MetadataT(), s.BufferT()
buffer.data = list(metadata())
entry.name, entry.buffer = b"TFLITE_METADATA", len(model.buffers)
model.buffers.append(buffer)
model.metadata = [*(model.metadata or []), entry]
b = flatbuffers.Builder(1024)
b.Finish(model.Pack(b), b"TFL3")
file = io.BytesIO(bytes(b.Output()))
with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr(zipfile.ZipInfo("labels.txt"), "ant\nbee\ncat\ndog\nelk\n")
with open(target, "wb") as out:
    out.write(file.getvalue())
