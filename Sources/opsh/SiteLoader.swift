import Approvals
import Foundation
import Journal
import LuaRuntime
import LuaSyntax
import PrimitiveKit
import Runbooks
import Site

/// Reads a site file: evaluates it as data, then checks every field.
struct SiteLoader {
  /// Instructions a site file may take; one host in a loop takes about ten.
  private static let budget = 10_000_000

  let engine: LuaEngine
  /// What the domains read of a site.
  let sections: [any SiteSection.Type]

  /// Throws `site.unreadable`, what Lua says of the file, and `site.invalid` with file and line.
  func load(_ path: String) async throws(CallFailure) -> LoadedSite {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw CallFailure(
        .invalid,
        code: "site.unreadable",
        message: "the site file \(path) cannot be read",
        hint: "check the path and its permissions"
      )
    }
    guard let source = String(validating: data, as: UTF8.self) else {
      throw CallFailure(.invalid, code: "site.unreadable", message: "the site file \(path) is not UTF-8 text")
    }
    let value = try await engine.evaluateData(source, name: "@\(path)", instructionBudget: SiteLoader.budget)
    do {
      // Only a mistake has the text read again, for its line.
      let site = try Site(decoding: value, sections: sections) { LuaFieldLocator(file: path, source: source)($0) }
      return LoadedSite(site: site, value: value) { LuaFieldLocator(file: path, source: source)($0) }
    } catch {
      throw CallFailure(error)
    }
  }
}

/// A site as its file says it.
struct LoadedSite {
  let site: Site
  /// What the file evaluated to.
  let value: Value
  /// The line of a field.
  let locate: (String) -> SourcePlace?
}

extension Site {
  /// What the site says of second operators.
  var approvals: ApprovalSettings { sections[ApprovalSettings.self] }
  /// What the site says of its journal and its locks.
  var journal: JournalSettings { sections[JournalSettings.self] }
  /// What the site says of its runbooks.
  var runbooks: RunbookSettings { sections[RunbookSettings.self] }
}
