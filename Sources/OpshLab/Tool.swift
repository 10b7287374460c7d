import Foundation

/// Runs a program of the system to its end.
enum Tool {
  /// Finds a program in the usual places, whatever the PATH of an ordinary user is.
  static func find(_ name: String, package: String) throws(LabError) -> String {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let places = path.split(separator: ":").map(String.init) + ["/usr/sbin", "/usr/local/sbin", "/usr/bin", "/bin"]
    for place in places where FileManager.default.isExecutableFile(atPath: "\(place)/\(name)") {
      return "\(place)/\(name)"
    }
    throw .missingProgram(name: name, package: package)
  }

  /// Runs a program with a small environment and returns its standard output.
  @discardableResult
  static func run(_ program: String, _ arguments: [String], environment: [String: String] = [:]) throws -> String {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.environment = environment.merging(["PATH": path, "LC_ALL": "C"]) { given, _ in given }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    let text = String(decoding: data, as: UTF8.self)
    guard process.terminationStatus == 0 else {
      let name = program.split(separator: "/").last.map(String.init) ?? program
      throw LabError.tool(name: name, detail: text.isEmpty ? "status \(process.terminationStatus)" : text.trimmed)
    }
    return text
  }

  /// Copies a program that is about to be run.
  ///
  /// Another process copies it: a descriptor open for writing here could be inherited by a child that another thread
  /// starts at that moment, and running the copy would fail with ETXTBSY (execve(2)).
  static func install(_ program: String, as path: String) throws {
    try run(find("install", package: "coreutils"), ["-m", "755", program, path])
  }

  static let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
}

extension String {
  var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
