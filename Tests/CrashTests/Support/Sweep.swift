import Foundation
import Synchronization
import Testing

/// How much is tried: a part of everything, or, for `make soak`, all of it.
enum Effort {
  static let isWhole = ProcessInfo.processInfo.environment["OPSH_SOAK"] == "1"
  /// Labs that work side by side: most of their time is waiting for bots.
  static let lanes = number("OPSH_LANES") ?? 4

  /// A number that the environment sets, for whoever looks for a fault.
  static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }
}

/// Kills opsh at one sync of its journal after the other, in several labs at once.
struct Sweep: Sendable {
  enum Moments: Sendable { case both, alternating }

  let hosts: Int
  let ways: [[String]]
  /// Tries every so-manieth sync.
  var every = Effort.number("OPSH_EVERY") ?? 1
  var moments = Effort.isWhole ? Moments.both : .alternating

  func run() async throws -> SweepReport {
    let progress = SweepProgress()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<Effort.lanes { group.addTask { try await work(progress) } }
      try await group.waitForAll()
    }
    return progress.report
  }

  private func work(_ progress: SweepProgress) async throws {
    try await Prey.with(hosts: hosts) { prey in
      let matrix = try await Matrix(prey, ways: ways)
      progress.found(syncs: matrix.syncs)
      let points = points(matrix.syncs.max() ?? 0)
      var way = 0
      while let point = progress.take(points) {
        let differences = try await matrix.disturb(way: way, harm: .kill(at: point.sync, point.moment))
        progress.add("killed \(point.moment) sync \(point.sync)", differences)
        way = (way + 1) % ways.count
      }
    }
  }

  struct Point: Sendable {
    let sync: Int
    let moment: Harm.Moment
  }

  private func points(_ syncs: Int) -> [Point] {
    stride(from: 1, through: syncs, by: every).flatMap { sync -> [Point] in
      switch moments {
      case .both: [Point(sync: sync, moment: .before), Point(sync: sync, moment: .after)]
      case .alternating: [Point(sync: sync, moment: (sync / every).isMultiple(of: 2) ? .after : .before)]
      }
    }
  }
}

/// What a sweep found.
struct SweepReport: Sendable, CustomStringConvertible {
  /// Syncs of an undisturbed run.
  var syncs = 0
  /// Disturbed runs.
  var points = 0
  var differences: [String] = []

  var description: String {
    "\(syncs) syncs, \(points) disturbed runs, \(differences.count) of them differ\n"
      + differences.prefix(20).joined(separator: "\n\n")
  }
}

/// Hands out the points of a sweep to its labs and collects what they find.
final class SweepProgress: Sendable {
  private let state = Mutex((report: SweepReport(), next: 0))

  var report: SweepReport { state.withLock { $0.report } }

  func found(syncs: [Int]) { state.withLock { $0.report.syncs = max($0.report.syncs, syncs.max() ?? 0) } }

  func take<Point>(_ points: [Point]) -> Point? {
    let index = state.withLock { state in
      defer { state.next += 1 }
      return state.next
    }
    return index < points.count ? points[index] : nil
  }

  func add(_ what: String, _ differences: [String]) {
    state.withLock { state in
      state.report.points += 1
      if differences.isEmpty { return }
      state.report.differences.append("\(what):\n  " + differences.joined(separator: "\n  "))
      // A long sweep tells at once.
      print(state.report.differences.last ?? "")
    }
  }
}
