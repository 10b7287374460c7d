import Foundation
import Foundations

/// Finds the `opsh-lab-bot` executable.
enum BotProgram {
  /// `$OPSH_LAB_BOT`, else beside the running program, which is also where a build puts test bundles.
  static func find() throws(LabError) -> String {
    if let named = ProcessInfo.processInfo.environment["OPSH_LAB_BOT"] {
      if FileManager.default.isExecutableFile(atPath: named) { return named }
      throw .missingBot(looked: [named])
    }
    // The test runner of some toolchains is elsewhere and is given the bundle as an argument.
    let programs = [Kernel.program].compactMap(\.self) + CommandLine.arguments.filter { $0.hasSuffix(".xctest") }
    let looked = programs.map {
      URL(filePath: $0).deletingLastPathComponent().path(percentEncoded: false) + "opsh-lab-bot"
    }
    for path in looked where FileManager.default.isExecutableFile(atPath: path) { return path }
    throw .missingBot(looked: looked)
  }
}
