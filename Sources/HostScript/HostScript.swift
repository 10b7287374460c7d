package import PrimitiveKit

/// The one POSIX-sh file that does opsh's work on a host: a generic core, joined with a runtime's driver functions.
///
/// It is stored under its own hash, so what runs is provably what was meant (seed 001's drift guard, R1-33).
package struct HostScript: Codable, Sendable, Equatable {
  /// The whole script.
  package let text: String
  /// The SHA-256 of `text` in hexadecimal digits.
  package let sha256: String

  /// Joins settings, core and driver; the last line alone starts work, so a cut-off copy does nothing.
  ///
  /// - Parameters:
  ///   - driver: sh text that defines the driver functions.
  ///   - verbs: which function serves which verb, by default `driver_<verb>`.
  ///   - environment: what the driver may read as shell variables, written as leading assignments.
  /// - Throws: `HostScriptError` when a verb, function or variable name is not one.
  package init(
    driver: String,
    verbs: [String: String] = [:],
    environment: [String: String] = [:]
  ) throws(HostScriptError) {
    var text = "#!/bin/sh\n# Composed by opsh and named by its hash; a change made here would be refused.\n"
    // 2015: `A && B || C` is meant. 2034, 2317: parts use each other. 2088: a tilde may be a setting.
    text += "# shellcheck disable=SC2015,SC2034,SC2088,SC2317\n"
    for (name, value) in environment.sorted(by: { $0.key < $1.key }) {
      guard Self.isName(name), !Self.reserved.contains(name) else { throw .badVariable(name) }
      text += "\(name)=\(ShellQuote.word(value))\n"
    }
    text += HostScriptCore.text
    text += "\n\(driver)\n"
    for (verb, function) in verbs.sorted(by: { $0.key < $1.key }) {
      guard Self.isName(verb), Self.isName(function) else { throw .badFunction(verb: verb, function: function) }
      if function != "driver_\(verb)" { text += "driver_\(verb)() { \(function) \"$@\"; }\n" }
    }
    text += "main \"$@\"\nexit $?\n"
    self.text = text
    sha256 = SHA256(hashing: text.utf8).hex
  }

  /// A script that was composed before.
  init(text: String, sha256: String) {
    self.text = text
    self.sha256 = sha256
  }

  /// Where the script lies on a host, relative to the home directory.
  package var remotePath: HostPath { ".opsh/bin/host-\(sha256).sh" }

  /// Names that no bot may have under any runtime: a swap keeps the old version of BOT as BOT-prev.
  package static let reservedBots = ["*-prev"]

  private static let reserved: Set<String> = ["PATH", "HOME", "IFS", "ENV", "PWD", "PS4", "OPSH_SHELL"]

  private static func isName(_ name: String) -> Bool {
    guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return false }
    return name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
      case UInt8(ascii: "0")...UInt8(ascii: "9"): true
      default: false
      }
    }
  }
}

/// The generic part of the host script, as it lies in `Core/`.
private enum HostScriptCore {
  static let text = [
    PackageResources.protocol_sh, PackageResources.lock_sh, PackageResources.epoch_sh, PackageResources.runs_sh,
    PackageResources.swap_sh, PackageResources.marks_sh, PackageResources.stop_sh, PackageResources.exec_sh,
    PackageResources.files_sh, PackageResources.versions_sh, PackageResources.main_sh,
  ].map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
}
