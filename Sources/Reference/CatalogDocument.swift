package import PrimitiveKit

/// The catalog for other programs: what `opsh --catalog` prints.
package enum CatalogDocument {
  /// One JSON object: `opsh` (the version) and `primitives`, each as it was declared.
  package static func json(_ infos: [PrimitiveInfo], version: String) -> String {
    Value.json([("opsh", .string(version)), ("primitives", .array(infos.map(value)))])
  }

  private static func value(_ info: PrimitiveInfo) -> Value {
    .table([
      "name": .string(info.name),
      "summary": .string(info.summary),
      "family": .string(info.family),
      "effect": .string(info.effect.rawValue),
      "immediate": .bool(info.isImmediate),
      "signature": .string(info.signature),
      "parameters": .array(info.parameters.map(value)),
      "returns": .table([
        "type": .string(info.returns.type),
        "help": .string(info.returns.help),
        "fields": .array(info.returns.fields.map(value)),
      ]),
      "examples": .array(info.examples.map { .table(["code": .string($0.code), "note": .string($0.note)]) }),
      "errors": .array(info.errors.map { .table(["code": .string($0.code), "help": .string($0.help)]) }),
      "topics": .array(info.topics.map { .string($0) }),
    ])
  }

  private static func value(_ field: FieldInfo) -> Value {
    var fields: [String: Value] = [
      "name": .string(field.name), "type": .string(field.type), "help": .string(field.help),
    ]
    if let inner = field.fields { fields["fields"] = .array(inner.map(value)) }
    return .table(fields)
  }

  private static func value(_ parameter: ParameterInfo) -> Value {
    var fields: [String: Value] = [
      "name": .string(parameter.name),
      "type": .string(parameter.type),
      "help": .string(parameter.help),
      "required": .bool(parameter.isRequired),
    ]
    if let defaultValue = parameter.defaultValue { fields["default"] = .string(defaultValue) }
    switch parameter.completion {
    case .none: break
    case .hosts: fields["candidates"] = .string("hosts")
    case .bots: fields["candidates"] = .string("bots")
    case .selectors: fields["candidates"] = .string("selectors")
    case .images: fields["candidates"] = .string("images")
    case .files: fields["candidates"] = .string("files")
    case .runbooks: fields["candidates"] = .string("runbooks")
    case .named(let name): fields["candidates"] = .string(name)
    case .choices(let choices): fields["choices"] = .array(choices.map { .string($0) })
    }
    return .table(fields)
  }
}
