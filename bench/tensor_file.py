"""Safetensors files of floats, without more than Python has: f32 and f64 are read, f32 is written."""
import array
import json
from pathlib import Path

CODES = {"F32": "f", "F64": "d"}  # of an array


def read_tensors(path):
    """The metadata, and by name each tensor's shape and its numbers, those of the last index side by side."""
    data = Path(path).read_bytes()
    begin = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:begin])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        first, last = entry["data_offsets"]
        tensors[name] = entry["shape"], array.array(CODES[entry["dtype"]], data[begin + first:begin + last])
    return metadata, tensors


def write_tensors(path, metadata, tensors):
    header, body = {"__metadata__": metadata}, b""
    for name, (shape, numbers) in tensors.items():
        values = array.array("f", numbers).tobytes()
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(body), len(body) + len(values)]}
        body += values
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    Path(path).write_bytes(len(text).to_bytes(8, "little") + text + body)
