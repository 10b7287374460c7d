import Foundations
import Glibc

extension Lab {
  /// Ends every process of a lab and removes its files, whatever state it is in.
  static func clear(_ layout: Layout) throws {
    guard Files.exists(layout.record) else {
      if Files.exists(layout.root), !Files.list(layout.root).isEmpty { throw LabError.notALab(directory: layout.root) }
      throw LabError.noLab(directory: layout.root)
    }
    guard isOurs(layout) else { throw LabError.notALab(directory: layout.root) }
    try endProcesses(of: layout)
    try removeGroups(of: layout)
    try Files.removeTree(layout.root)
  }

  /// Whether the directory is a lab's.
  ///
  /// Its record can be read, or, after a crash while it was written, nothing is there that a lab does not make. Somebody
  /// else's `lab.json` must not cost them their files.
  private static func isOurs(_ layout: Layout) -> Bool {
    if (try? LabRecord.read(layout)) != nil { return true }
    return Set(Files.list(layout.root)).isSubset(of: Layout.ownNames)
  }

  private static func endProcesses(of layout: Layout) throws {
    let deadline = ContinuousClock.now + .seconds(20)
    while true {
      let alive = ProcessTable().processes(of: layout)
      if alive.isEmpty { return }
      if ContinuousClock.now > deadline { throw LabError.survivors(processes: alive.map(\.pid)) }
      // The keeper reaps the others, so it goes last.
      let keeper = ProcessStatus(pidFile: layout.keeperPid)?.pid
      let others = alive.filter { $0.pid != keeper }
      for entry in others.isEmpty ? alive : others { entry.signal(SIGKILL) }
      usleep(20_000)
    }
  }
}
