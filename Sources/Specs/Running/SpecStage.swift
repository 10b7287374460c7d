import Foundation
import Journal
import JournalSQLite
import LuaRuntime
import PluginHost
import PrimitiveKit
import RunbookHeader
import Runbooks
import Runs
import Synchronization

/// Where a case is played.
struct SpecStage {
  let given: SpecCase
  let setting: Specs
  let world: PretendWorld
  let session: PretendSession

  private var host: PluginHost { session.host }

  /// Calls a primitive, as at the prompt.
  func call(_ name: String, _ arguments: [Value]) async -> Result<Value, CallFailure> {
    guard let primitive = session.catalog[name] else {
      let names = session.catalog.infos.map(\.name)
      let failure = CallFailure(
        .invalid,
        code: "spec.call",
        message: "no primitive is called '\(name)'",
        hint: NearestName.question(for: name, in: names)
      )
      return .failure(failure)
    }
    return await perform(primitive, arguments)
  }

  /// Measures and judges a check of the plugin, as `check` does.
  func check(_ name: String) async -> Result<Value, CallFailure> {
    guard let primitive = session.real.first(where: { $0.info.name == "check" }) else {
      return await call("check", [.string(name)])
    }
    return await perform(primitive, [.string(name)])
  }

  private func perform(_ primitive: Primitive, _ arguments: [Value]) async -> Result<Value, CallFailure> {
    await CallContext.$current.withValue(CallContext(isDryRun: given.isDry)) {
      do throws(CallFailure) {
        return .success(try await primitive.call(arguments))
      } catch {
        return .failure(error)
      }
    }
  }

  /// Hands an event to a notifier; answers true once it is delivered.
  func notify(_ name: String, _ event: Value) async -> Result<Value, CallFailure> {
    let id = host.plugins.first { $0.path == given.spec.plugin }?.id ?? ""
    guard let notifier = host.notifiers.first(where: { $0.plugin == id && $0.name == name }) else {
      let names = host.notifiers.filter { $0.plugin == id }.map(\.name)
      let failure = CallFailure(
        .invalid,
        code: "spec.call",
        message: "plugin '\(id)' has no notifier '\(name)'",
        hint: NearestName.question(for: name, in: names)
      )
      return .failure(failure)
    }
    do throws(CallFailure) {
      try await host.deliver(event, to: notifier)
      return .success(.bool(true))
    } catch {
      return .failure(error)
    }
  }

  /// Starts the runbook that the spec is about, with a journal of its own.
  func runbook(_ arguments: [String: Value], _ calls: PretendCalls) async -> SpecRun {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("opsh-spec-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let seen = Seen()
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let path = folder.appendingPathComponent("journal").path(percentEncoded: false)
      let journal = try await Journal.open(
        try await SQLiteDatabase.open(path),
        identity: ProcessIdentity.current(version: setting.version, digest: "")
      )
      let result = await attempt(arguments, engine(journal), seen)
      var run = SpecRun(calls, said: world.dialogue.text, result: result, plan: seen.plan)
      if let id = seen.run {
        run.header = try? await journal.run(id)
        run.steps = try await journal.steps(of: id)
      }
      return run
    } catch {
      let failure = CallFailure(anyError: error)
      return SpecRun(calls, said: world.dialogue.text, result: .failure(failure), plan: seen.plan)
    }
  }

  private func attempt(_ arguments: [String: Value], _ engine: RunbookEngine, _ seen: Seen) async -> Result<
    Value, CallFailure
  > {
    do throws(CallFailure) {
      let (source, path) = try engine.catalog.find(given.spec.subject)
      let book = try await engine.catalog.load(source, path: path)
      let bound = try RunbookParameters(book.header, path: path).bind(values: arguments)
      var start = RunbookStart(isDry: given.isDry)
      start.onPlan = { plan, run in seen.set(plan, run) }
      return .success(try await engine.start(book, bound, start).value)
    } catch {
      return .failure(error)
    }
  }

  private func engine(_ journal: Journal) -> RunbookEngine {
    let dialogue = world.dialogue
    let registry = RunRegistry(
      journal: journal,
      locks: RunLocks(
        store: LockStore(journal),
        holder: LockHolder(journal.identity),
        clock: ContinuousClock(),
        timing: .standard,
        patience: .zero,
        dialogue: dialogue
      ),
      coding: OperationCoding(kinds: [PretendChange.self], texts: journal.texts),
      dialogue: dialogue,
      site: world.view.locking
    )
    let loaded = host.plugins.filter { $0.problem == nil }
    return RunbookEngine(
      RunbookSetting(
        runs: RunSetting(
          registry: RegistryOpener { () async throws(CallFailure) in registry },
          world: world.world,
          dialogue: dialogue,
          options: SessionOptions(assumesYes: given.typed == nil),
          interrupts: RunbookInterrupts(dialogue: dialogue),
          site: world.view,
          lockKinds: setting.domains.lockKinds
        ),
        engine: session.lua,
        rollouts: PretendRollouts(),
        folders: setting.folders,
        offered: host.runbooks,
        authority: { [host, spec = given.spec] path throws(CallFailure) in
          // The folder of a plugin that is being written need not lie in `plugins/`.
          if path == spec.subject, let plugin = host.plugins.first(where: { $0.path == spec.plugin }) {
            return try host.authority(of: plugin.id)
          }
          return try host.authority(ofRunbook: path)
        },
        opshVersion: setting.version,
        plugins: Dictionary(loaded.map { ($0.id, $0.version) }, uniquingKeysWith: { first, _ in first }),
        inexact: session.inexact,
        approvals: Everything(),
        call: { name, _ throws(CallFailure) in
          throw CallFailure(.failed, code: "spec.call", message: "a spec resumes no call of \(name)")
        }
      )
    )
  }
}

/// Admits every plan.
private struct Everything: PlanAdmission {
  func admit(_ plan: Plan, run: String, effects: Set<Effect>) async throws(CallFailure) {}
}

/// The plan and the run, as soon as there are.
private final class Seen: Sendable {
  private let both = Mutex<(plan: Plan?, run: String?)>((nil, nil))

  var plan: Plan? { both.withLock { $0.plan } }
  var run: String? { both.withLock { $0.run } }

  func set(_ plan: Plan, _ run: String) { both.withLock { $0 = (plan, run) } }
}
