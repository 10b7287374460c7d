import Foundation
import LuaRuntime
import PrimitiveKit

/// A Lua file that says how a runbook behaves: `specs/NAME_spec.lua` returns a list of cases for `runbooks/NAME.lua`.
struct SpecFile: Sendable {
  let runbook: String
  /// Where the functions of the file live.
  let engine: LuaEngine

  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..")
    .standardizedFileURL
  static let specs = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("specs")

  /// Where the modules are that runbooks share.
  static var modules: String { root.appendingPathComponent("lua").path(percentEncoded: false) }

  /// The path of the runbook.
  var path: String { SpecFile.root.appendingPathComponent("runbooks/\(runbook).lua").path(percentEncoded: false) }

  /// The runbooks that have a spec.
  static func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: specs.path(percentEncoded: false)).sorted()
      .filter { $0.hasSuffix("_spec.lua") }.map { String($0.dropLast("_spec.lua".count)) }
  }

  static func cases(of runbook: String) async throws -> [SpecCase] {
    let file = SpecFile(runbook: runbook, engine: try LuaEngine(catalog: Catalog()))
    let url = specs.appendingPathComponent("\(runbook)_spec.lua")
    let source = try String(contentsOf: url, encoding: .utf8)
    let module = try await file.engine.load(module: source, name: "@\(url.lastPathComponent)")
    switch module {
    case .array(let cases):
      return cases.map { field in
        if case .table(let fields) = field { return SpecCase(spec: file, fields: fields) }
        return SpecCase(spec: file, fields: field.data.dataFields)
      }
    case .value(.array(let cases)): return cases.map { SpecCase(spec: file, fields: $0.dataFields) }
    default: return []
    }
  }
}

extension Value {
  fileprivate var dataFields: [String: LuaField] {
    guard case .table(let fields) = self else { return [:] }
    return fields.mapValues(LuaField.value)
  }
}
