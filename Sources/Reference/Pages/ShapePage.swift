import PrimitiveKit

/// The page of what is no primitive: globals, handles, and tables that authors write.
struct ShapePage {
  private let shapes: [LuaShape]
  private let functions: [LuaFunction]

  init(_ shapes: [LuaShape], _ functions: [LuaFunction]) {
    self.shapes = shapes
    self.functions = functions
  }

  var text: String {
    var lines = [
      "# lua", "", ReferencePages.notice, "",
      "What scripts, runbooks and plugins see besides primitives. Scripts find the `name=value` words of the command line in",
      "`args`; a runbook gets its parameters as the argument `args` of its functions.",
    ]
    if !functions.isEmpty { lines += ["", "## Functions"] }
    for function in functions { lines += [""] + section(function, level: "###") }
    lines += ["", "## Tables and handles"]
    for shape in shapes {
      lines += ["", "### \(shape.name)", "", "\(shape.summary)."]
      if !shape.fields.isEmpty { lines += [""] + Self.fields(shape.fields) }
      if !shape.operators.isEmpty {
        lines += ["", "Operators: \(shape.operators.map { "`\($0)`" }.joined(separator: ", "))."]
      }
      for method in shape.methods { lines += [""] + section(method, level: "####") }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A table of fields, those of records in it by the name of the record.
  static func fields(_ fields: [FieldInfo]) -> [String] {
    MarkdownText.table(
      ["field", "type", "what it is"],
      fields.map { ["`\($0.name)`", MarkdownText.code($0.type), MarkdownText.cell($0.help)] }
    )
  }

  private func section(_ function: LuaFunction, level: String) -> [String] {
    var lines = ["\(level) \(function.name)", "", "    \(function.signature)", "", function.summary]
    if !function.parameters.isEmpty {
      lines += [""]
      lines += MarkdownText.table(
        ["argument", "type", "what it is"],
        function.parameters.map {
          ["`\($0.name)`", MarkdownText.code(LuaTypeText.required($0.type)), MarkdownText.cell($0.help)]
        }
      )
    }
    if let returns = function.returns {
      lines += ["", "Returns \(MarkdownText.code(returns.type)): \(MarkdownText.sentence(returns.help))"]
    }
    return lines
  }
}
