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

  /// What the file evaluates to; throws `site.unreadable` and what Lua says of the file.
  func read(_ path: String) async throws(CallFailure) -> SiteText {
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
    return SiteText(path: path, source: source, value: value)
  }

  /// Checks every field of the file and of the hosts that inventories add; throws `site.invalid` with file and line.
  func load(_ text: SiteText, adding added: [AddedHosts] = []) throws(CallFailure) -> LoadedSite {
    let merged = MergedSite(text, added)
    do {
      return LoadedSite(
        site: try Site(decoding: merged.value, sections: sections, transports: nil, locate: merged.place),
        value: merged.value,
        locate: merged.place
      )
    } catch {
      throw CallFailure(error)
    }
  }
}

/// A site file as text and as what it evaluates to.
struct SiteText {
  let path: String
  let source: String
  let value: Value

  /// The line of a field; only a mistake has the text read again.
  func place(_ field: String) -> SourcePlace? { LuaFieldLocator(file: path, source: source)(field) }
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
