import Foundation
import LuaRuntime
import LuaSyntax
import PrimitiveKit

/// A Lua file that says how a runbook or a plugin behaves: `NAME_spec.lua` returns a list of cases about `NAME.lua`.
struct SpecFile: Sendable {
  /// The file itself.
  let path: String
  private let source: String
  /// The file that it is about.
  let subject: String
  /// The folder of the plugin that the subject belongs to; nil for a runbook of the operator.
  let plugin: String?
  /// Where the functions of the file live.
  let engine: LuaEngine

  /// Whether it is about what a plugin provides, not about a runbook.
  var isOfPlugin: Bool { plugin.map { subject == "\($0)/init.lua" } ?? false }

  /// How the name of a spec ends.
  static let ending = "_spec.lua"

  /// The place of a field of the file, as it would be written in Lua.
  func place(_ field: String) -> SourcePlace { LuaFieldLocator(file: path, source: source)(field) }

  /// Reads a spec; its runbook lies beside it, in the folder above, or in one of `folders`.
  ///
  /// `tools` are the primitives that its functions may call.
  /// Throws `spec.missing`, `spec.invalid` and what Lua says of the file.
  static func cases(in path: String, folders: [String], modules: [String], tools: Catalog)
    async throws(CallFailure) -> [SpecCase]
  {
    let source = try text(path)
    var configuration = LuaConfiguration()
    configuration.moduleRoots = modules
    configuration.timeLimit = .seconds(30)
    let engine = try LuaEngine(catalog: tools, configuration: configuration)
    let (subject, plugin) = try subject(of: path, folders)
    let file = SpecFile(path: path, source: source, subject: subject, plugin: plugin, engine: engine)
    let module = try await engine.load(module: source, name: "@\(path)")
    let fields: [[String: LuaField]?]
    switch module {
    case .array(let elements): fields = elements.map(\.fields)
    case .value(.array(let values)): fields = values.map { LuaField.value($0).fields }
    default: throw file.invalid("expected a list of cases, got \(module.data.literal)", at: "")
    }
    guard !fields.isEmpty else { throw file.invalid("expected a list of cases, got an empty one", at: "") }
    var cases: [SpecCase] = []
    for (offset, fields) in fields.enumerated() {
      let path = "[\(offset + 1)]"
      guard let fields else { throw file.invalid("\(path): expected a case, which is a table", at: path) }
      do throws(DataError) {
        cases.append(try SpecCase(reading: fields, at: path, of: file))
      } catch {
        throw file.invalid("\(error.path): expected \(error.expected), got \(error.got)", at: error.path, error.hint)
      }
    }
    return cases
  }

  private func invalid(_ words: String, at field: String, _ hint: String? = nil) -> CallFailure {
    CallFailure(
      .invalid,
      code: "spec.invalid",
      message: "\(place(field)): \(words)",
      hint: hint ?? "a spec returns { { name = …, answers = { … }, calls = { … } } }; docs/specs.md lists the fields"
    )
  }

  private static func text(_ path: String) throws(CallFailure) -> String {
    guard let data = FileManager.default.contents(atPath: path), let text = String(validating: data, as: UTF8.self)
    else {
      throw missing("\(path) cannot be read", hint: "check that it exists and is UTF-8 text")
    }
    return text
  }

  private static func subject(of path: String, _ folders: [String]) throws(CallFailure) -> (String, plugin: String?) {
    let folder = SpecFile.folder(of: path)
    let file = path.split(separator: "/").last.map(String.init) ?? path
    let name = "\(file.dropLast(ending.count)).lua"
    let files = FileManager.default
    if name == "init.lua", files.fileExists(atPath: "\(folder)/plugin.lua") { return ("\(folder)/init.lua", folder) }
    let above = folder == "." ? ".." : SpecFile.folder(of: folder)
    let places = ([folder, above] + folders).map { "\($0)/\(name)" }
    guard let found = places.first(where: files.fileExists(atPath:)) else {
      throw missing(
        "\(path) is about \(name), which does not exist",
        hint: "looked for \(places.joined(separator: ", "))"
      )
    }
    let home = SpecFile.folder(of: found)
    let plugin = SpecFile.folder(of: home)
    let isOffered = home.split(separator: "/").last == "runbooks" && files.fileExists(atPath: "\(plugin)/plugin.lua")
    return (found, isOffered ? plugin : nil)
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  static func missing(_ message: String, hint: String) -> CallFailure {
    CallFailure(.invalid, code: "spec.missing", message: message, hint: hint)
  }
}

extension LuaField {
  /// The fields of a table, functions included; nil for anything else.
  var fields: [String: LuaField]? {
    switch self {
    case .table(let fields): fields
    case .value(.table(let fields)): fields.mapValues(LuaField.value)
    default: nil
    }
  }
}
