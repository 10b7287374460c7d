import Foundation
import Glibc

/// The way to start a process of the lab: the keeper starts it, so it outlives this program and is reaped.
struct KeeperPipe: ~Copyable {
  private let descriptor: Int32

  init(_ layout: Layout) throws(LabError) {
    // Without a reader this fails at once instead of waiting for one (fifo(7)).
    descriptor = open(layout.keeperPipe, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
    if descriptor < 0 { throw .noLab(directory: layout.root) }
    _ = fcntl(descriptor, F_SETFL, 0)
  }

  deinit { close(descriptor) }

  /// Starts the keeper itself, which detaches from this program.
  static func startKeeper(_ layout: Layout) throws {
    try Tool.run(layout.bot, ["keeper", layout.root], environment: ["OPSH_LAB": layout.root])
  }

  /// Orders a process in a session of its own; it writes its pid file before it becomes the program.
  func start(
    _ command: [String],
    pidFile: String,
    log: String,
    directory: String,
    environment: [String] = []
  ) throws(LabError) {
    let order = ([pidFile, log, directory] + environment + ["--"] + command).joined(separator: "\t") + "\n"
    let bytes = Array(order.utf8)
    // pipe(7): only writes of at most PIPE_BUF bytes are never mixed with another writer's.
    guard bytes.count <= 4096, Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
      throw .system(call: "write", subject: "the keeper's pipe", detail: "cannot start \(command.first ?? "")")
    }
  }
}
