import PrimitiveKit

/// The page of one family of primitives.
struct FamilyPage {
  private let family: String
  private let primitives: [PrimitiveInfo]

  init(_ family: String, _ primitives: [PrimitiveInfo]) {
    self.family = family
    self.primitives = primitives.sorted { $0.name < $1.name }
  }

  var lines: [String] {
    var lines = ["# \(family)", "", ReferencePages.notice, ""]
    lines += ["How to call a primitive, and what errors are: [reference](README.md).", ""]
    lines += MarkdownText.table(
      ["primitive", "effect", "what it does"],
      primitives.map { info in
        ["[`\(info.name)`](#\(MarkdownText.anchor(info.name)))", info.effect.rawValue, MarkdownText.cell(info.summary)]
      }
    )
    for info in primitives { lines += [""] + section(info) }
    let records = LuaStubs(primitives, shapes: [], functions: [], version: "").records
    if !records.isEmpty { lines += ["", "## Records", "", "What these primitives return, field by field."] }
    for record in records { lines += ["", "### \(record.name)", ""] + ShapePage.fields(record.fields) }
    return lines
  }

  private func section(_ info: PrimitiveInfo) -> [String] {
    var lines = ["## \(info.name)", "", "    \(info.signature)", "", MarkdownText.sentence(info.summary), ""]
    lines.append("Effect: `\(info.effect.rawValue)`, \(info.effect.meaning)." + readsWhen(info) + immediate(info))
    if !info.parameters.isEmpty {
      lines += [""]
      lines += MarkdownText.table(["argument", "type", "default", "what it is"], info.parameters.map(row))
    }
    lines += [
      "",
      "\(info.isConstant == true ? "A value of type" : "Returns") \(returned(info)): \(MarkdownText.sentence(info.returns.help))",
    ]
    if !info.errors.isEmpty {
      lines += [""]
      lines += MarkdownText.table(["error", "when"], info.errors.map { ["`\($0.code)`", MarkdownText.cell($0.help)] })
    }
    if !info.examples.isEmpty {
      lines += ["", "```lua"]
      for (number, example) in info.examples.enumerated() {
        if number > 0 { lines.append("") }
        lines += ["-- \(example.note)"] + example.code.split(separator: "\n").map(String.init)
      }
      lines += ["```"]
    }
    return lines
  }

  private func row(_ value: ParameterInfo) -> [String] {
    let state = value.isRequired ? "required" : value.defaultValue.map { MarkdownText.code($0) } ?? ""
    var help = value.help
    if case .choices(let choices) = value.completion, !choices.isEmpty {
      help += ": " + choices.map { "`\($0)`" }.joined(separator: ", ")
    }
    return ["`\(value.name)`", MarkdownText.code(LuaTypeText.required(value.type)), state, MarkdownText.cell(help)]
  }

  private func returned(_ info: PrimitiveInfo) -> String {
    guard !info.returns.fields.isEmpty else { return MarkdownText.code(info.returns.type) }
    return "[`\(info.returns.type)`](#\(MarkdownText.anchor(LuaTypeText.element(info.returns.type))))"
  }

  private func readsWhen(_ info: PrimitiveInfo) -> String {
    let value = info.readsValue.map { Value.string($0).literal } ?? "true"
    return info.readsWhen.map { " With `\($0) = \(value)` it only reads." } ?? ""
  }

  private func immediate(_ info: PrimitiveInfo) -> String {
    info.isImmediate && info.isConstant != true
      ? " It answers at once, so it can be called anywhere, even by `table.sort`." : ""
  }
}
