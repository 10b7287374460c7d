import Foundation
import Subprocess

/// The shared object that kills a program at a chosen moment, compiled once.
enum Shim {
  /// The path of the library.
  static func library() async throws -> String { try await built.value }

  private static let built = Task {
    let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../CrashShim/crash_shim.c").standardizedFileURL.path
    let library = FileManager.default.temporaryDirectory
      .appendingPathComponent("opsh-crash-shim-\(UUID().uuidString.prefix(8)).so").path
    // The clang of the Swift toolchain, or whatever compiler is there.
    let script =
      #"for c in clang cc gcc; do command -v $c >/dev/null && exec $c -shared -fPIC -O1 -Wall -Wextra -Werror -o "$1" "$2" -ldl; done; exit 127"#
    let ending = try await Subprocess(path: "/bin/sh", arguments: ["-c", script, "sh", library, source]).run()
    guard ending.status == 0 else {
      throw ShimFailure(text: String(decoding: ending.errorOutput, as: UTF8.self))
    }
    return library
  }
}

struct ShimFailure: Error { let text: String }

/// What the shim does to one process.
struct Harm: Sendable {
  enum Moment: String, Sendable, CaseIterable { case before, after }

  private(set) var environment: [String: String] = [:]

  static let none = Harm()

  /// Both harms.
  func and(_ other: Harm) -> Harm { Harm(environment: environment.merging(other.environment) { $1 }) }

  /// Writes a line for every sync of a journal file.
  static func counting(into path: String) -> Harm { Harm(environment: ["CRASH_COUNT": path]) }

  /// Kills at a sync of a journal file.
  static func kill(at sync: Int, _ moment: Moment) -> Harm {
    Harm(environment: ["CRASH_AT": "\(sync)", "CRASH_WHEN": moment.rawValue])
  }

  /// Stops when something is about to be sent after a sync of a journal file; the file then names the process.
  static func stop(after sync: Int, telling path: String) -> Harm {
    Harm(environment: ["CRASH_AT": "\(sync)", "CRASH_WHEN": "sent", "CRASH_STOPPED": path])
  }

  /// Refuses writes to journal files from one of them on: "full" or "read-only".
  static func disk(_ kind: String, from write: Int) -> Harm {
    Harm(environment: ["CRASH_DISK": kind, "CRASH_DISK_AT": "\(write)"])
  }

  /// Moves the wall clock, by seconds.
  static func clock(_ seconds: Int) -> Harm { Harm(environment: ["CRASH_CLOCK": "\(seconds)"]) }
}
