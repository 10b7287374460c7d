import PrimitiveKit
import RunbookHeader

extension RunbookFile {
  /// The arguments as the runbook's functions get them: in the place of a system's name the system itself.
  func handed(_ arguments: Value) -> Value {
    guard case .table(var fields) = arguments else { return arguments }
    for parameter in header.params where parameter.type.kind == .system {
      fields[parameter.name] = fields[parameter.name].map(RunbookFile.handle)
    }
    return .table(fields)
  }

  private static func handle(_ value: Value) -> Value {
    switch value {
    case .string(let name): .handle(Value.Handle("system", name))
    case .array(let names): .array(names.map(handle))
    default: value
    }
  }

  /// The systems that the arguments name.
  func systems(in arguments: Value) -> [String] {
    let values = header.params.filter { $0.type.kind == .system }.map { arguments[$0.name] }
    return values.flatMap { value -> [String] in
      switch value {
      case .string(let name): [name]
      case .array(let names): names.compactMap { if case .string(let name) = $0 { name } else { nil } }
      default: []
      }
    }
  }
}
