import Foundation
import Glibc

/// A program that ends when the tests end, in whatever way they do.
///
/// A shell holds it and reads a pipe; when the pipe closes, because this object or the whole process is gone, the shell
/// ends the program and removes its folder.
final class Leash: Sendable {
  let processID: pid_t
  private let shell = Process()
  private let pipe = Pipe()

  /// Starts a program; `folder` is its own and goes with it.
  init(_ program: String, _ arguments: [String], folder: String) throws {
    shell.executableURL = URL(fileURLWithPath: "/bin/sh")
    // SIGKILL, because threads of the Swift runtime block signals and their children inherit that.
    let script = """
      folder=$1; shift; "$@" & echo $! > $folder/pid.new; mv $folder/pid.new $folder/pid
      cat > /dev/null; kill -KILL $!; wait; rm -rf $folder
      """
    shell.arguments = ["-c", script, "leash", folder, program] + arguments
    shell.standardInput = pipe
    shell.standardOutput = FileHandle.nullDevice
    shell.standardError = FileHandle.nullDevice
    try shell.run()
    processID = try Scratch.await("\(program) starts") {
      let text = (try? String(contentsOfFile: "\(folder)/pid", encoding: .utf8)) ?? ""
      return pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines))
    }
  }

  deinit { try? pipe.fileHandleForWriting.close() }
}
