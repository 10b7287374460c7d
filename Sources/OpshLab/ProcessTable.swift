import Foundation
import Foundations
import Glibc

extension ProcessStatus {
  /// The living process a pid file names, if it is still that process.
  init?(pidFile: String) {
    self.init(note: Files.read(pidFile) ?? "")
  }

  /// The living process that a note `PID STARTTICKS` is about.
  init?(note: String) {
    let numbers = note.split(whereSeparator: \.isWhitespace)
    guard numbers.count >= 2, let pid = Int32(numbers[0]), let found = ProcessStatus(of: pid),
      found.startTicks == Int64(numbers[1]), found.state != "Z"
    else { return nil }
    self = found
  }

  /// The note about this program.
  static var own: String { ProcessStatus(of: getpid()).map { "\($0.pid) \($0.startTicks)" } ?? "" }

  /// Sends a signal unless the number belongs to another process by now.
  func signal(_ number: Int32) {
    if ProcessStatus(of: pid)?.startTicks == startTicks { kill(pid, number) }
  }
}

/// All processes at one moment.
struct ProcessTable {
  let entries: [Int32: ProcessStatus]

  init() {
    let numbers = Files.list("/proc").compactMap(Int32.init)
    entries = Dictionary(uniqueKeysWithValues: numbers.compactMap { pid in ProcessStatus(of: pid).map { (pid, $0) } })
  }

  /// Every process that lives below the given ones, and these.
  func trees(from roots: Set<Int32>) -> Set<Int32> {
    var children: [Int32: [Int32]] = [:]
    for entry in entries.values { children[entry.parent, default: []].append(entry.pid) }
    var found = roots
    var open = Array(roots)
    while let next = open.popLast() {
      for child in children[next] ?? [] where found.insert(child).inserted { open.append(child) }
    }
    return found
  }

  /// The living processes of a lab, whoever started them; never this program or one it runs in.
  func processes(of layout: Layout) -> [ProcessStatus] {
    let marked = entries.values.filter { $0.state != "Z" && isMarked($0, layout) }.map(\.pid)
    var own: Set<Int32> = []
    var next: Int32? = getpid()
    while let pid = next, own.insert(pid).inserted { next = entries[pid]?.parent }
    return trees(from: Set(marked).subtracting(own)).subtracting(own)
      .compactMap { entries[$0] }.filter { $0.state != "Z" }.sorted { $0.pid < $1.pid }
  }

  private func isMarked(_ entry: ProcessStatus, _ layout: Layout) -> Bool {
    let below = layout.root + "/"
    let directory = "/proc/\(entry.pid)"
    if target(of: directory + "/exe").hasPrefix(below) { return true }
    if let environment = FileManager.default.contents(atPath: directory + "/environ"),
      environment.split(separator: 0).contains(where: { $0.elementsEqual("OPSH_LAB=\(layout.root)".utf8) })
    {
      return true
    }
    // sshd writes its title over its environment, so it is known by its configuration or its log.
    guard entry.name.hasPrefix("sshd") else { return false }
    if (Files.read(directory + "/cmdline") ?? "").contains(layout.run + "/sshd-") { return true }
    return Files.list(directory + "/fd").contains {
      target(of: "\(directory)/fd/\($0)").hasPrefix(layout.run + "/sshd-")
    }
  }

  private func target(of link: String) -> String {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: link)) ?? ""
  }
}
