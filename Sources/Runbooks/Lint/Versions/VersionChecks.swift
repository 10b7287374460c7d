import PrimitiveKit

/// Compares runbooks with the VERSIONS of their folders, and writes these.
struct VersionChecks {
  private struct Folder {
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

  /// Looks a runbook up; `place` is where its version is written.
  mutating func check(_ path: String, source: String, version: SemanticVersion, place: SourcePlace) {
    let file = VersionChecks.path(beside: path)
    var folder = folders[file] ?? open(file)
    defer { folders[file] = folder }
    guard !folder.isBroken else { return }
    let name = RunbookFile.name(of: path)
    let entry = RunbookVersions.Entry(version: version, sha256: SHA256(hashing: source.utf8).hex)
    let standing = folder.versions.standing(of: name, entry)
    guard standing != .listed else { return }
    if fixes, standing.isWritable, (try? folder.versions.update(name, entry)) != nil {
      folder.hasChanged = true
      notes.append("\(file): \(name) \(version)")
      return
    }
    switch standing {
    case .listed: break
    case .new where !folder.exists:
      let message = "there is no VERSIONS that would notice a change of \(name)"
      findings.append(
        LintFinding(.versionUnlisted, at: place, message, hint: "`opsh lint --fix` writes it", severity: .warning)
      )
    case .new:
      let message = "VERSIONS does not list \(name)"
      findings.append(LintFinding(.versionUnlisted, at: place, message, hint: "`opsh lint --fix` adds it"))
    case .newer(let known):
      let message = "VERSIONS lists \(name) \(known), this is \(version)"
      findings.append(LintFinding(.versionUnlisted, at: place, message, hint: "`opsh lint --fix` writes it"))
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
    for (file, folder) in folders.sorted(by: { $0.key < $1.key }) where folder.hasChanged {
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
    var folder = Folder()
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
