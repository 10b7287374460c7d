import PrimitiveKit

/// The page of one primitive.
struct HelpPage {
  private let info: PrimitiveInfo

  init(_ info: PrimitiveInfo) { self.info = info }

  var text: String {
    var lines = [WrappedText.folded(info.signature, within: WrappedText.columns)] + wrapped(info.summary)
    lines += ["  effect: \(info.effect.rawValue) (\(meaning))"]
    if !info.parameters.isEmpty { lines += ["", "arguments"] + arguments }
    lines += ["", "returns \(info.returns.type)"] + wrapped(info.returns.help) + fields
    if !info.examples.isEmpty { lines += ["", "examples"] }
    for example in info.examples {
      lines += example.code.split(separator: "\n").map { "  \($0)" } + ["    \(example.note)"]
    }
    return lines.joined(separator: "\n")
  }

  private var meaning: String {
    info.isImmediate ? "\(info.effect.meaning), answers at once" : info.effect.meaning
  }

  private var arguments: [String] {
    var table = TextTable()
    for parameter in info.parameters {
      let state = parameter.isRequired ? "required" : parameter.defaultValue.map { "= \($0)" } ?? "optional"
      table.add([parameter.name, parameter.type, state, parameter.help + choices(of: parameter)])
    }
    return table.lines(indent: 2, within: WrappedText.columns)
  }

  private func wrapped(_ text: String) -> [String] {
    WrappedText.lines(text, within: WrappedText.columns - 2).map { "  \($0)" }
  }

  private func choices(of parameter: ParameterInfo) -> String {
    guard case .choices(let choices) = parameter.completion, !choices.isEmpty else { return "" }
    return " (\(choices.joined(separator: ", ")))"
  }

  private var fields: [String] {
    var table = TextTable()
    for field in info.returns.fields { table.add([field.name, field.type, field.help]) }
    return table.lines(indent: 2, within: WrappedText.columns)
  }
}
