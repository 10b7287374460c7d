import Journal
import PluginHost
import PrimitiveKit
import Runs

/// One execution of a case: the real engine and a real journal, with pretend primitives.
struct SpecRun {
  let calls: [PretendCalls.Call]
  /// What was called without an answer of the case.
  let missing: [String]
  /// What was said and printed.
  let said: String
  let result: Result<Value, CallFailure>
  var plan: Plan?
  /// Nil when there is no run.
  var header: RunHeader?
  var steps: [StepRow] = []

  init(_ calls: PretendCalls, said: String, result: Result<Value, CallFailure>, plan: Plan? = nil) {
    (self.calls, missing) = (calls.changes, calls.missing)
    (self.said, self.result, self.plan) = (said, result, plan)
  }

  /// Throws what keeps the case from being run at all: a site or a plugin that is wrong.
  static func run(_ given: SpecCase, _ setting: Specs) async throws(CallFailure) -> SpecRun {
    var world = try PretendWorld(given, setting.domains)
    let calls = PretendCalls(answers: given.answers, unknown: given.unknown, engine: given.spec.engine)
    let plugins = try await setting.plugins(of: given, in: world)
    do throws(DataError) { try setting.serve(plugins, of: given.spec.plugin, in: &world) } catch {
      throw given.wrongSite(error)
    }
    let session = try await PretendSession.open(world, plugins, calls, setting)
    if let path = given.spec.plugin { try session.requireLoaded(path) }
    if let name = calls.strangers(among: session.catalog).first {
      throw CallFailure(
        .invalid,
        code: "spec.invalid",
        message: "\(given.place): no primitive is called '\(name)', which the case answers",
        hint: NearestName.question(for: name, in: session.catalog.infos.map(\.name))
      )
    }
    let stage = SpecStage(given: given, setting: setting, world: world, session: session)
    switch given.act {
    case .runbook(let arguments): return await stage.runbook(arguments, calls)
    case .call(let name, let arguments):
      let result = await stage.call(name, arguments)
      return SpecRun(calls, said: world.dialogue.text, result: result)
    case .check(let name):
      let result = await stage.check(name)
      return SpecRun(calls, said: world.dialogue.text, result: result)
    case .notify(let name, let event):
      let result = await stage.notify(name, event)
      return SpecRun(calls, said: world.dialogue.text, result: result)
    }
  }
}
