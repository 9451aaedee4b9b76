"""Arguments for any operation, made from its spec: every parameter, each with a value that is allowed."""


def arguments(spec, operation):
    return {
        shape["name"]: value(spec, shape)
        for shape in operation.get("parameters", [])
        if shape.get("required") or not ("pattern" in shape and "example" not in shape)
    }


def value(spec, shape, depth=0):
    if "ref" in shape:
        shape = spec["types"][shape["ref"]]
    if "enum" in shape:
        first = shape["enum"][0]
        return first["value"] if isinstance(first, dict) else first
    kind = shape.get("type")
    if kind == "list":
        items = 0 if depth > 4 else max(1, shape.get("minItems", 1))
        return [value(spec, shape["of"], depth + 1) for _ in range(items)]
    if kind == "map":
        return {"key": value(spec, shape["of"], depth + 1)}
    if kind == "object":
        return {field["name"]: value(spec, field, depth + 1) for field in shape.get("fields", [])}
    if kind == "boolean":
        return True
    if kind in ("int32", "int64"):
        return shape.get("minimum", min(1, shape.get("maximum", 1)))
    if kind in ("float", "double"):
        return float(shape.get("minimum", 1.5))
    if shape.get("format") == "iso8601" and "example" not in shape:
        return "2024-01-02T03:04:05Z"
    # What the encodings could stumble over: space, plus, percent, slash, tilde, star and beyond ASCII.
    text = str(shape["example"]) if "example" in shape else "a b+c%d/~*é网"
    return text[: shape.get("maxLength", len(text))]
