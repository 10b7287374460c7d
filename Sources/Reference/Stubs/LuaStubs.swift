package import PrimitiveKit

/// Annotations for lua-language-server of everything that Lua code can call: what `opsh init` writes.
///
/// They are Lua, so the command form `fleet.status<…>` is none of theirs: a call is written `fleet.status{ … }`.
package struct LuaStubs: Sendable {
  /// The beginning of the line by which a file that `opsh init` wrote is known.
  package static let mark = "-- Written by `opsh init`"

  private let primitives: [PrimitiveInfo]
  private let shapes: [LuaShape]
  private let functions: [LuaFunction]
  private let version: String

  package init(
    _ primitives: [PrimitiveInfo],
    shapes: [LuaShape],
    functions: [LuaFunction],
    version: String
  ) {
    self.primitives = primitives
    self.shapes = shapes
    self.functions = functions
    self.version = version
  }

  /// The line that a generated file carries.
  package static func mark(version: String) -> String { "\(mark) (opsh \(version)); the next run replaces it." }

  /// The file, whole.
  package var text: String {
    var lines = [
      "---@meta _", Self.mark(version: version), "-- luacheck: ignore", "", "---The name=value words after a script.",
      "---@type table<string, string>", "args = {}",
    ]
    lines += aliases
    for shape in shapes { lines += [""] + shapeLines(shape) }
    for record in records { lines += [""] + classLines(record.name, nil, record.fields) }
    for function in functions { lines += [""] + functionLines(function, as: "function \(function.name)") }
    lines += namespaces
    for info in primitives where !isNamespace(info.name) { lines += [""] + primitiveLines(info) }
    return lines.joined(separator: "\n") + "\n"
  }

  // MARK: Types

  /// The record types that primitives answer, each with the most fields that it has anywhere.
  package var records: [(name: String, fields: [FieldInfo])] {
    var found: [String: [FieldInfo]] = [:]
    func add(_ type: String, _ fields: [FieldInfo]) {
      let name = LuaTypeText.element(type)
      guard !fields.isEmpty else { return }
      if fields.count > found[name]?.count ?? 0 { found[name] = fields }
      for field in fields { add(field.type, field.fields ?? []) }
    }
    for info in primitives { add(info.returns.type, info.returns.fields) }
    return found.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Names of types that parameters have and that are neither Lua's nor declared here.
  private var aliases: [String] {
    let declared = Set(shapes.map(\.name) + records.map(\.name))
    var used: Set<String> = []
    for info in primitives {
      for type in info.parameters.map(\.type) + [info.returns.type] { used.formUnion(LuaTypeText.names(type)) }
      for field in info.returns.fields { used.formUnion(LuaTypeText.names(field.type)) }
    }
    for field in shapes.flatMap(\.fields) + shapes.flatMap(\.methods).flatMap(\.parameters) {
      used.formUnion(LuaTypeText.names(field.type))
    }
    return used.subtracting(declared).sorted().flatMap { name -> [String] in
      let (type, help) = LuaTypeText.meaning(of: name)
      return ["", "---\(help)", "---@alias \(name) \(type)"]
    }
  }

  private func classLines(_ name: String, _ summary: String?, _ fields: [FieldInfo], _ operators: [String] = [])
    -> [String]
  {
    (summary.map { ["---\($0)."] } ?? []) + ["---@class \(name)"] + operators.map { "---@operator \($0)" }
      + fields.map { field in
        "---@field \(fieldName(field.name))\(LuaTypeText.isOptional(field.type) ? "?" : "")"
          + " \(LuaTypeText.required(field.type)) \(line(field.help))"
      }
  }

  private func shapeLines(_ shape: LuaShape) -> [String] {
    var lines = classLines(shape.name, shape.summary, shape.fields, shape.operators)
    guard !shape.methods.isEmpty else { return lines }
    let variable = shape.name.replacing(".", with: "_") + "_class"
    lines.append("local \(variable) = {}")
    for method in shape.methods { lines += [""] + functionLines(method, as: "function \(variable):\(method.name)") }
    return lines
  }

  // MARK: Functions

  private func functionLines(_ function: LuaFunction, as head: String) -> [String] {
    ["---\(line(function.summary))"]
      + function.parameters.map { parameter($0.name, $0.type, LuaTypeText.isOptional($0.type), $0.help) }
      + (function.returns.map { ["---@return \($0.type) # \(line($0.help))"] } ?? [])
      + ["\(head)(\(function.parameters.map { variable($0.name) }.joined(separator: ", "))) end"]
  }

  private func primitiveLines(_ info: PrimitiveInfo) -> [String] {
    if info.isConstant == true {
      return description(info) + ["---@type \(info.returns.type)", "\(info.name) = nil"]
    }
    var lines = argumentLines(info) + description(info)
    lines += info.parameters.map { parameter($0.name, annotation(of: $0), !$0.isRequired, help(of: $0)) }
    lines.append("---@return \(info.returns.type) # \(line(info.returns.help))")
    if !info.parameters.isEmpty { lines.append("---@overload \(byName(info))") }
    let names = info.parameters.map { variable($0.name) }.joined(separator: ", ")
    let parts = info.name.split(separator: ".").map(String.init)
    guard let last = parts.last, LuaWord.keywords.contains(last) else {
      return lines + ["function \(info.name)(\(names)) end"]
    }
    return lines + ["\(parts.dropLast().joined(separator: "."))[\"\(last)\"] = function(\(names)) end"]
  }

  /// What the table of a call by name may hold.
  private func argumentLines(_ info: PrimitiveInfo) -> [String] {
    guard !info.parameters.isEmpty else { return [] }
    return ["---@class \(info.name).Arguments"]
      + info.parameters.map { value in
        "---@field \(fieldName(value.name))\(value.isRequired ? "" : "?") \(annotation(of: value)) \(help(of: value))"
      } + [""]
  }

  private func description(_ info: PrimitiveInfo) -> [String] {
    var lines = ["---\(line(info.summary))", "---", "---Effect: \(info.effect.rawValue)."]
    for example in info.examples {
      lines += ["---", "---\(line(example.note).capitalizedFirst):"]
      lines += example.code.split(separator: "\n").map { "---    \($0)" }
    }
    return lines
  }

  private func byName(_ info: PrimitiveInfo) -> String {
    "fun(arguments: \(info.name).Arguments): \(info.returns.type)"
  }

  private func parameter(_ name: String, _ type: String, _ isOptional: Bool, _ help: String) -> String {
    "---@param \(variable(name))\(isOptional ? "?" : "") \(LuaTypeText.required(type)) \(line(help))"
  }

  private func annotation(of value: ParameterInfo) -> String {
    let type = LuaTypeText.required(value.type)
    guard case .choices(let choices) = value.completion else { return type }
    return ([type] + choices.map { Value.string($0).literal }).joined(separator: "|")
  }

  private func help(of value: ParameterInfo) -> String {
    line(value.help) + (value.defaultValue.map { " (default \($0))" } ?? "")
  }

  // MARK: Namespaces

  /// The tables that primitives lie in, outer ones first; one that is a primitive too can be called.
  private var namespaces: [String] {
    let names = Set(primitives.flatMap { PrimitiveNames.prefixes(of: $0.name) })
    return names.sorted().flatMap { name -> [String] in
      guard let info = primitives.first(where: { $0.name == name }) else { return ["", "\(name) = {}"] }
      let inOrder = info.parameters.map { value in
        "\(variable(value.name))\(value.isRequired ? "" : "?"): \(annotation(of: value))"
      }
      return [""] + argumentLines(info) + description(info)
        + [
          "---@class \(name).Namespace",
          "---@overload fun(\(inOrder.joined(separator: ", "))): \(info.returns.type)",
        ] + (info.parameters.isEmpty ? [] : ["---@overload \(byName(info))"]) + ["\(name) = {}"]
    }
  }

  private func isNamespace(_ name: String) -> Bool { primitives.contains { $0.name.hasPrefix(name + ".") } }

  // MARK: Text

  private func variable(_ name: String) -> String { LuaWord.keywords.contains(name) ? name + "_" : name }

  private func fieldName(_ name: String) -> String {
    LuaWord.isName(name) || name.hasPrefix("[") ? name : "[\(Value.string(name).literal)]"
  }

  private func line(_ text: String) -> String { text.split(whereSeparator: \.isNewline).joined(separator: " ") }
}

/// The tables that dotted names lie in.
enum PrimitiveNames {
  /// For `a.b.c`: `a` and `a.b`.
  static func prefixes(of name: String) -> [String] {
    let parts = name.split(separator: ".")
    return (1..<max(1, parts.count)).map { parts.prefix($0).joined(separator: ".") }
  }
}
