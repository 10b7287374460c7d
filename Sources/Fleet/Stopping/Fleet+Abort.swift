import Foundations
import HostScript
import PrimitiveKit
import Site
import Synchronization

extension Fleet {
  /// Ends commands of a run, or what a query has left running, through the stop lane; `id` may be a part of the id where the journal can complete it.
  ///
  /// Throws `run.not_found` and `run.ambiguous` where it cannot.
  func abort(
    _ on: HostSelector,
    run id: String,
    grace: Duration,
    check: Bool? = nil,
    dry: Bool
  ) async throws(CallFailure) -> [AbortRecord] {
    let site = try requireSite(for: "fleet.abort")
    let hosts = try selectHosts(on, in: site)
    let id = CommandCall.isMark(id) ? id : try await stops.wholeID(of: id)
    let arguments: [String: Value] = ["on": on.value, "run": id.value, "grace": .number(grace.seconds)]
    return try await inStopLane(of: "fleet.abort", arguments, hosts: hosts, dry: dry) { run throws(CallFailure) in
      let unwritten = Mutex<[Host]>([])
      var records = await self.abort(hosts, id, grace, run) { host in unwritten.withLock { $0.append(host) } }
      // The journal or the lock of the run failed: that is no reason to let a command run on.
      let rest = unwritten.withLock { $0 }
      if !rest.isEmpty {
        records += try await self.outsideRuns(of: "fleet.abort", arguments, hosts: rest) { (run) throws(CallFailure) in
          await self.abort(rest, id, grace, run) { _ in }
        }
      }
      return try self.report(records, check)
    }
  }

  private func abort(
    _ hosts: [Host],
    _ id: String,
    _ grace: Duration,
    _ run: Run,
    _ unwritten: @escaping @Sendable (Host) -> Void
  ) async -> [AbortRecord] {
    await hosts.concurrentMap(limit: fanOut) { host -> [AbortRecord] in
      do {
        let change = AbortCommands(
          host: host.hostAddress,
          run: id,
          grace: max(0, Int(grace.seconds.rounded(.up))),
          runtime: try self.commandRuntime(of: host)
        )
        let outcome = try await run.perform(change)
        return [AbortRecord(host: host.name, state: outcome ?? "not run", note: outcome == nil ? "dry run" : "")]
      } catch {
        let failure = CallFailure(anyError: error)
        if failure.isOfJournal, run.world.mode == .live {
          unwritten(host)
          return []
        }
        return [AbortRecord(host: host.name, state: failure.reportedState, note: failure.reason(on: host.name))]
      }
    }.flatMap(\.self)
  }

  private func report(_ records: [AbortRecord], _ check: Bool?) throws(CallFailure) -> [AbortRecord] {
    let failed = records.filter { !["stopped", "unchanged", "not run"].contains($0.state) }
    for record in failed { dialogue.say("  \(record.host): \(record.note)") }
    let stopped = records.count { $0.state == "stopped" }
    dialogue.say("abort: \(stopped)/\(records.count.counted("host")) had a command to end")
    dialogue.shown(records.value)
    let parts = failed.map { PartialChange.Part(name: $0.host, kind: .init($0.state), why: $0.note) }
    try PartialChange(primitive: "fleet.abort", count: records.count, parts: parts, check: check).settle(dialogue)
    return records
  }

  /// What runs commands on a host: the script of its runtime, or what every host can do where no plugin provides that.
  func commandRuntime(of host: Host) throws(CallFailure) -> Runtime {
    if let runtime = runtimes[host.runtime] { return runtime }
    return try Runtime.core()
  }
}

/// The outcome of a run's commands on one host.
struct AbortRecord: Record, Sendable {
  let host: String
  let state: String
  let note: String

  static var luaType: String { "fleet.Abort" }
  static let columns: [Column<Self>] = [
    Column(\.host, "host", "Name"),
    Column(\.state, "state", "stopped, unchanged, failed, unknown, unreachable, or not run in a dry run"),
    Column(\.note, "note", "Why this is unknown"),
  ]

}
