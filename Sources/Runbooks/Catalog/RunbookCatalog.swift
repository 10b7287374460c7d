import Foundation
import Foundations
import Journal
import LuaRuntime
package import PrimitiveKit
package import RunbookHeader
package import Runs

/// The runbooks of a session: where they lie, and how their files are read.
package struct RunbookCatalog: Sendable {
  let runs: RunSetting
  let lua: LuaEngine
  /// Where runbooks lie, the first first.
  let folders: [String]
  /// The files of the runbooks that plugins offer, by their names.
  let offered: [String: String]
  /// What the code of a file may do; nil for a runbook of the operator.
  let authority: @Sendable (String) throws(CallFailure) -> LuaAuthority?
  /// Throws where the text of a file may not run.
  let admit: @Sendable (_ path: String, _ text: String) throws(CallFailure) -> Void
  /// What dry runs take for parameters that nobody gives.
  let arguments: SiteArguments
  let opshVersion: String
  /// Versions of the loaded plugins, by id.
  let plugins: [String: String]

  /// Loads a runbook's file and checks that this opsh can run it.
  ///
  /// Throws `runbook.*`, `lua.syntax` and `script.unreadable`.
  package func load(_ source: String, path: String) async throws(CallFailure) -> RunbookFile {
    try admit(path, source)
    return try await loadKept(source, path: path)
  }

  /// The same for a text that the journal kept, so it was admitted once.
  private func loadKept(_ source: String, path: String) async throws(CallFailure) -> RunbookFile {
    let book = try await read(source, path: path)
    if let version = SemanticVersion(opshVersion) {
      try book.header.requirements.check(opsh: version, plugins: plugins)
    }
    return book
  }

  /// Loads a runbook's file, with what its code may do.
  func read(_ source: String, path: String) async throws(CallFailure) -> RunbookFile {
    try await RunbookFile.load(source, path: path, engine: lua, authority: authority(path))
  }

  /// Finds a runbook by its name in the folders or among those that plugins offer, or by its path.
  ///
  /// Throws `runbook.missing` with the nearest name.
  package func find(_ name: String) throws(CallFailure) -> (source: String, path: String) {
    let isPath = name.hasSuffix(".lua") || name.contains("/")
    let candidates = offered[name].map { [$0] } ?? (isPath ? [name] : folders.map { "\($0)/\(name).lua" })
    for path in candidates {
      guard let data = FileManager.default.contents(atPath: path) else { continue }
      guard let text = String(validating: data, as: UTF8.self) else {
        throw CallFailure(.invalid, code: "script.encoding", message: "\(path) is not UTF-8 text")
      }
      return (text, path)
    }
    let known = files.map(RunbookFile.name)
    throw CallFailure(
      .invalid,
      code: "runbook.missing",
      message: "no runbook named '\(name)'",
      hint: NearestName.question(for: name, in: known)
        ?? (known.isEmpty ? "give the path of a Lua file" : "runbooks: \(Set(known).sorted().joined(separator: ", "))")
    )
  }

  /// The Lua files of the folders, the first folder first, then those that plugins offer.
  var files: [String] {
    let own = folders.flatMap { folder in
      ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted().filter { $0.hasSuffix(".lua") }
        .map { "\(folder)/\($0)" }
    }
    return own + offered.sorted { $0.key < $1.key }.map(\.value)
  }

  /// The runbook of a plan as the journal keeps it, else as its file is now.
  package func load(_ plan: Plan) async throws(CallFailure) -> RunbookFile {
    if let text = try? await runs.registry.open().journal.text(plan.runbook.sha256) {
      return try await loadKept(text, path: plan.runbook.path)
    }
    return try await load(try find(plan.runbook.path).source, path: plan.runbook.path)
  }

  /// The arguments of the site for dry runs of runbooks in these files.
  ///
  /// Throws `site.invalid` when it names a runbook that lies neither beside them nor in the folders.
  package func siteArguments(beside paths: [String]) throws(CallFailure) -> SiteArguments {
    let arguments = self.arguments
    guard !arguments.values.isEmpty else { return arguments }
    let beside = paths.map(PathText.directory)
    var known = Set(offered.keys)
    for folder in Set(beside + folders) {
      for file in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where file.hasSuffix(".lua") {
        known.insert(RunbookFile.name(of: file))
      }
    }
    try arguments.check(known: known.sorted())
    return arguments
  }
}
