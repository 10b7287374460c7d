import Foundation
import PrimitiveKit
import RunbookHeader

/// Compares runbooks with the VERSIONS of their folders, and writes these.
struct VersionChecks {
  private struct Folder {
    let file: String
    var versions = RunbookVersions()
    var exists = false
    var isBroken = false
    var hasChanged = false
  }

  private let files: any LintFiles
  private let fixes: Bool
  private var folders: [String: Folder] = [:]
  private(set) var findings: [LintFinding] = []
  private(set) var notes: [String] = []

  init(files: any LintFiles, fixes: Bool) {
    self.files = files
    self.fixes = fixes
  }

  /// The file VERSIONS beside a runbook.
  private static func path(beside runbook: String) -> String {
    let parts = runbook.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    return (parts + [Substring(RunbookVersions.fileName)]).joined(separator: "/")
  }

  /// One spelling for all paths of a file, such as `./a.lua` and `a.lua`.
  static func key(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }

  /// Looks a runbook up; `place` is where its version is written.
  ///
  /// With other errors in it no line is written: the bytes are going to change once more.
  mutating func check(
    _ path: String,
    _ source: String,
    _ version: SemanticVersion,
    at place: SourcePlace,
    mayFix: Bool
  ) {
    let key = VersionChecks.key(VersionChecks.path(beside: path))
    var folder = folders[key] ?? open(VersionChecks.path(beside: path))
    let file = folder.file
    defer { folders[key] = folder }
    guard !folder.isBroken else { return }
    let name = RunbookFile.name(of: path)
    let entry = RunbookVersions.Entry(version: version, sha256: SHA256(hashing: source.utf8).hex)
    let standing = folder.versions.standing(of: name, entry)
    guard standing != .listed else { return }
    if fixes, mayFix, standing.isWritable, (try? folder.versions.update(name, entry)) != nil {
      folder.hasChanged = true
      notes.append("\(file): \(name) \(version)")
      return
    }
    switch standing {
    case .listed: break
    case .new where !folder.exists:
      let message = "no VERSIONS file, so a change of \(name) would go unnoticed"
      findings.append(
        LintFinding(.versionUnlisted, at: place, message, hint: "write it with `opsh lint --fix`", severity: .warning)
      )
    case .new:
      let message = "VERSIONS does not list \(name)"
      findings.append(LintFinding(.versionUnlisted, at: place, message, hint: "add it with `opsh lint --fix`"))
    case .newer(let known):
      let message = "VERSIONS lists \(name) \(known), but this is \(version)"
      findings.append(LintFinding(.versionUnlisted, at: place, message, hint: "write it with `opsh lint --fix`"))
    case .changed, .older:
      // The refusal of an update says it.
      do throws(CallFailure) {
        try folder.versions.update(name, entry)
      } catch {
        findings.append(LintFinding(.versionUnchanged, at: place, error.message, hint: error.hint))
      }
    }
  }

  /// Writes what changed.
  mutating func finish() {
    for folder in folders.values.sorted(by: { $0.file < $1.file }) where folder.hasChanged {
      let file = folder.file
      do throws(CallFailure) {
        try files.write(Array(folder.versions.text.utf8), to: file)
      } catch {
        findings.append(
          LintFinding(.versionsFile, at: SourcePlace(file: file, line: 1), error.message, hint: error.hint)
        )
        notes.removeAll { $0.hasPrefix("\(file): ") }
      }
    }
  }

  private mutating func open(_ file: String) -> Folder {
    var folder = Folder(file: file)
    do throws(CallFailure) {
      guard let bytes = try files.read(file) else { return folder }
      folder.exists = true
      folder.versions = try RunbookVersions(String(decoding: bytes, as: UTF8.self), file: file)
    } catch {
      // A broken file is never overwritten: it may be half of a merge.
      folder.isBroken = true
      let (line, message) = LintText.split(error.message, file)
      let place = SourcePlace(file: file, line: line)
      findings.append(LintFinding(.versionsFile, at: place, message, hint: error.hint))
    }
    return folder
  }
}
