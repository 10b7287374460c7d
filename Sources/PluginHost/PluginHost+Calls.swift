import Foundation
import Foundations
package import LuaRuntime
package import PrimitiveKit
import RunbookHeader
import Site
import Synchronization

/// Calling what plugins brought.
extension PluginHost {
  /// What the code of a runbook's file may do; nil for one that no plugin offers.
  ///
  /// Throws `plugin.unknown`, `plugin.failed` and `plugin.disabled`: without its plugin it may do nothing.
  package func authority(ofRunbook path: String) throws(CallFailure) -> LuaAuthority? {
    let name = RunbookFile.name(of: path)
    guard let slash = name.firstIndex(of: "/") else { return nil }
    return try authority(of: String(name[..<slash]))
  }

  /// Throws `plugin.signature` for the text of a runbook that its plugin's signature does not cover.
  package func admit(runbook path: String, _ text: String) throws(CallFailure) {
    for sealed in plugins.compactMap(\.sealed) { try sealed.check(text.utf8, of: path) }
  }

  /// What the code of a plugin may do; nil for one without code.
  ///
  /// Throws `plugin.unknown`, `plugin.failed` and `plugin.disabled`.
  package func authority(of id: String) throws(CallFailure) -> LuaAuthority? { try usable(id).authority }

  /// Calls a function of a plugin with the effects that it declares, within its budget, and notes how it went.
  ///
  /// The function gets `subject`, if any, and the plugin's settings; with a system the system, as a handle,
  /// and `subject`.
  ///
  /// Throws `plugin.disabled`, `plugin.failed` and what the function raises.
  func call(
    _ call: PluginCall,
    _ subject: Value?,
    for system: String? = nil,
    within deadline: Duration? = nil
  ) async throws(CallFailure) -> Value {
    guard let engine = engine.withLock({ $0 }) else { throw PluginHost.unbound }
    let entry = try usable(call.id)
    guard let code = entry.code else { throw PluginHost.unbound }
    var context = CallContext.current
    context.allowed.formIntersection(call.effect.within)
    context.name = call.described
    context.isDeclared = false
    if call.isLook { context.look() }
    let tracing = context.isDryRun
    var budget = budget
    budget.wall = deadline
    do throws(CallFailure) {
      let function = try await code.function(call.section, call.name, in: engine, tracing: tracing)
      let answers = try await context.whileCalling { [budget] () async throws(CallFailure) in
        let arguments: [Value?] =
          if let system { [SystemName(system).value, subject] } else { [subject, entry.plugin.config] }
        return try await engine.call(function, arguments.compactMap(\.self), tracing: tracing, budget: budget)
      }
      return answers.first ?? .null
    } catch {
      var failure = code.file.told(error)
      // What the function answered is wrong, so no line of it raised anything.
      if failure.trace.isEmpty { failure.trace = ["\(code.file.place("\(call.section).\(call.name)"))"] }
      note(failure, of: call)
      throw failure
    }
  }

  /// The notifiers of plugins that were loaded.
  package var notifiers: [PluginNotifier] {
    plugins.filter { $0.problem == nil }.flatMap { plugin in
      (plugin.manifest?.provides.notifiers ?? []).map { PluginNotifier(plugin: plugin.id, name: $0) }
    }
  }

  /// Hands an event to a notifier.
  ///
  /// Throws `plugin.undelivered` unless it answers `true` in time, with the reason where it answers a text, and what the
  /// function raises.
  package func deliver(_ event: Value, to notifier: PluginNotifier) async throws(CallFailure) {
    var call = PluginCall(id: notifier.plugin, section: "notifiers", name: notifier.name, effect: .changes)
    // A notice is tried until it is delivered: that is one failure, not many.
    if case .string(let id) = event["id"] { call.about = "\(notifier.name) \(id)" }
    let answer = try await self.call(call, event, within: patienceWithNotifiers)
    guard answer != .bool(true) else { return }
    var why = "it did not answer true"
    if case .string(let text) = answer { why = text }
    throw CallFailure(
      .failed,
      code: "plugin.undelivered",
      message: "\(call.described) delivered nothing: \(why)",
      hint: "a notifier answers true once the event is delivered"
    )
  }

  /// A plugin that was loaded and may run; throws `plugin.unknown`, `plugin.failed` and `plugin.disabled`.
  private func usable(_ id: String) throws(CallFailure) -> Entry {
    let entry = try known(id)
    if let problem = entry.plugin.problem { throw PluginHost.notLoaded(id, problem) }
    guard entry.authority != nil, !entry.health.isDisabled else {
      let end = entry.health.pausedUntil.map { Int64($0.timeIntervalSince1970 * 1000) }
      throw CallFailure(
        .refused,
        code: "plugin.disabled",
        message: "plugin '\(id)' is disabled" + (end.map { " until \(Instant.text($0)) UTC" } ?? "")
          + (entry.health.last.map { ": \($0.message)" } ?? ""),
        hint: end == nil
          ? "fix its files, then `site.reload()`; `plugin.enable \"\(id)\"` runs what was read before"
          : "fix the cause; opsh enables it again then"
      )
    }
    return entry
  }

  static func notLoaded(_ id: String, _ problem: CallFailure) -> CallFailure {
    CallFailure(
      .refused,
      code: "plugin.failed",
      message: "plugin '\(id)' is not loaded: \(problem.placed)",
      hint: problem.hint
    )
  }

  func note(_ failure: CallFailure, of call: PluginCall) {
    let at = now()
    let health = entries.withLock { entries -> PluginHealth? in
      let isDisabled = entries[call.id]?.health.note(
        failure,
        of: call.described,
        about: call.about,
        at: at,
        isAttended: isAttended
      )
      return isDisabled == true ? entries[call.id]?.health : nil
    }
    guard let health else { return }
    let pause = health.pausedUntil.map { Duration.seconds($0.timeIntervalSince(at).rounded()) }
    dialogue.say(
      "plugin '\(call.id)' is disabled\(pause.map { " for \($0.words)" } ?? ""): \(PluginHost.patience) failures within a "
        + "minute, the last in \(call.described): \(failure.message)"
        + (pause == nil
          ? "; `site.reload()` reads its files again, `plugin.enable \"\(call.id)\"` enables it as it is" : "")
    )
  }
}

/// A notifier of a plugin.
package struct PluginNotifier: Sendable, Hashable {
  package let plugin: String
  package let name: String

  package init(plugin: String, name: String) {
    self.plugin = plugin
    self.name = name
  }
}

/// One call of a function of a plugin.
struct PluginCall: Sendable {
  let id: String
  let section: String
  let name: String
  let effect: Effect
  /// What it is tried again for when it fails; nil for one that nobody repeats.
  var about: String?

  /// Whether it only looks: what it says and how its calls end belongs to nobody.
  ///
  /// A hook that may change something does so in the run that asks it.
  var isLook: Bool { ["checks", "hooks", "inventories"].contains(section) && effect == .reads }

  /// As messages name it.
  var described: String {
    section == "primitives" ? "\(id).\(name)" : "\(Contributions.noun(section)) '\(name)' of plugin '\(id)'"
  }
}

extension CallContext {
  /// Looks apart from the run that asks: nothing is shown, printed or noted.
  fileprivate mutating func look() {
    run = nil
    step = ""
    isQuiet = true
    voice = .none
    noted = NotedExit(passesOn: false)
  }
}

extension Effect {
  /// What a call that declares this effect may do.
  fileprivate var within: Set<Effect> {
    switch self {
    case .reads: [.reads]
    case .changes: [.reads, .changes]
    case .trades: [.reads, .changes, .trades]
    case .administers: [.reads, .changes, .administers]
    }
  }
}
