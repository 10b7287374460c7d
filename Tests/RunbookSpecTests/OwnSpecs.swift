import Checks
import Fleet
import Foundation
import JournalPrimitives
import PluginHost
import PrimitiveKit
import Runbooks
import Scripting
import Site
import Specs

/// The specs of this repository, and those that a test writes.
enum OwnSpecs {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..")
    .standardizedFileURL.path(percentEncoded: false)
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("specs")
    .path(percentEncoded: false)

  /// What specs are run with.
  static func setting(plugins: [LoadedPlugin] = []) throws(CallFailure) -> Specs {
    Specs(
      try DomainSet([.checking, .fleet, .journal, .plugins, .runbooks, .scripting, .sets, .systems]),
      plugins: plugins,
      modules: ["\(root)/lua"],
      folders: ["\(root)/runbooks"],
      version: "0.1.0"
    )
  }
}

/// A directory of one test.
final class SpecFolder {
  let path = NSTemporaryDirectory() + "opsh-\(UUID().uuidString.prefix(8))"

  init(_ files: [String: String] = [:]) throws {
    for (name, text) in files { try write(name, text) }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ name: String, _ text: String) throws {
    let file = "\(path)/\(name)"
    let folder = (file as NSString).deletingLastPathComponent
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try text.write(toFile: file, atomically: true, encoding: .utf8)
  }

  /// Runs one spec of the directory.
  func run(_ name: String, only text: String? = nil) async throws -> SpecResult {
    await (try OwnSpecs.setting()).run("\(path)/\(name)", only: text)
  }
}
