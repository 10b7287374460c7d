import HostScriptTesting
import OpshTesting
import PrimitiveKit
import Testing

@testable import Fleet
@testable import Rollout

struct ConfirmationTests {
  @Test(
    arguments: [
      ("177", "got \"177\""), ("178 ", "got \"178 \""), (" 178", "got \" 178\""), ("yes", "got \"yes\""),
      ("", "got nothing"), (nil, "got nothing"),
    ] as [(String?, String)]
  )
  func `anything but the host count changes nothing`(_ answer: String?, _ said: String) async throws {
    let models = try FleetOfModels(hosts: 178, answers: [answer, "178"], isInteractive: true)
    let failure = await models.failure(DeployArguments(target: "all", speed: "routine"))
    #expect(failure?.code == "plan.declined")
    #expect(failure?.message == "not confirmed: expected 178, \(said); nothing was changed")
    #expect(failure.map(ExitCode.init(failure:)) == .cancelled)
    #expect(models.dialogue.asked == ["Proceed? Type the number of hosts (178): "])
    #expect(models.transport.changes == [])
  }

  @Test func `the host count begins`() async throws {
    let models = try FleetOfModels(hosts: 2, answers: ["2"])
    let report = try await models.deploy(DeployArguments(target: "all", speed: "routine"))
    #expect(report["result"] == "Success".value)
    #expect(models.dialogue.events("deploy.confirmed").map { $0.fields["by"] } == ["typed".value])
  }

  @Test(arguments: [true, false])
  func `a deploy with nothing to change asks nothing`(isInteractive: Bool) async throws {
    let models = try FleetOfModels(hosts: 2, isInteractive: isInteractive)
    var arguments = DeployArguments(target: "all", speed: "routine")
    arguments.image = "v1"
    let report = try await models.deploy(arguments)
    #expect(report["result"] == "Success".value)
    #expect(models.dialogue.asked == [] && models.dialogue.text.contains("Nothing to do"))
  }

  private func call(_ models: FleetOfModels, _ name: String, _ arguments: [String: Value]) async throws -> Value {
    let primitive = try #require(try Catalog(models.fleet.primitives)[name])
    return try await lettingTimePass(models.clock) { try await primitive.call([.table(arguments)]) }
  }

  private static let calls: [(String, [String: Value])] = [
    ("fleet.exec", ["cmd": "true".value]), ("fleet.put", ["path": "x".value, "content": "y".value]),
    ("fleet.start", [:]), ("fleet.restart", [:]),
  ]

  @Test(arguments: ConfirmationTests.calls)
  func `a change of more than one host asks for the count`(name: String, arguments: [String: Value]) async throws {
    let models = try FleetOfModels(hosts: 3, answers: ["2"])
    let failure = await #expect(throws: CallFailure.self) {
      try await call(models, name, arguments.merging(["on": "web[001-003]".value]) { $1 })
    }
    #expect(failure?.code == "plan.declined")
    #expect(models.dialogue.asked == ["\(name) changes web[001-003]. Proceed? Type the number of hosts (3): "])
    #expect(models.transport.changes == [])
  }

  @Test(arguments: ConfirmationTests.calls)
  func `where nobody is there to type it, nothing is changed`(name: String, arguments: [String: Value]) async throws {
    let models = try FleetOfModels(hosts: 3, isInteractive: false)
    let failure = await #expect(throws: CallFailure.self) {
      try await call(models, name, arguments.merging(["on": "web[001-003]".value]) { $1 })
    }
    #expect(failure?.code == "prompt.not_interactive" && failure?.failureClass == .refused)
    #expect(models.transport.changes == [])
  }

  @Test func `one host, a confirmed run, --yes and what the site lets pass are not asked about`() async throws {
    let all: [String: Value] = ["on": "web[001-003]".value, "cmd": "true".value]
    let one = try FleetOfModels(hosts: 3, answers: ["no"])
    _ = try await call(one, "fleet.exec", ["on": "web001".value, "cmd": "true".value])
    let yes = try FleetOfModels(hosts: 3, answers: ["no"], options: SessionOptions(assumesYes: true))
    _ = try await call(yes, "fleet.exec", all)
    let wide = try FleetOfModels(hosts: 3, answers: ["no"]) { $0["confirm"] = .table(["hosts": .int(3)]) }
    _ = try await call(wide, "fleet.exec", all)
    let confirmed = try FleetOfModels(hosts: 3, answers: ["no"])
    var context = CallContext()
    context.isConfirmed = true
    _ = try await CallContext.$current.withValue(context) { try await call(confirmed, "fleet.exec", all) }
    for models in [one, yes, wide, confirmed] { #expect(models.dialogue.asked == []) }
  }

  @Test func `every operation of a deploy carries its speed`() async throws {
    let models = try FleetOfModels(hosts: 2)
    let run = Run(id: "r", world: models.fleet.world.dry)
    var context = CallContext()
    context.run = run
    context.isConfirmed = true
    _ = try await CallContext.$current.withValue(context) {
      try await call(models, "fleet.deploy", ["target": "all".value, "speed": "fast".value, "image": "v2".value])
    }
    let speeds = await run.operations.map(\.speed)
    #expect(!speeds.isEmpty && speeds.allSatisfy { $0 == "fast" })
  }

  @Test(arguments: [("yes", nil), ("1", "plan.declined"), ("y", "plan.declined"), ("YES", "plan.declined")])
  func `one bot takes yes and nothing else`(_ answer: String, _ code: String?) async throws {
    let models = try FleetOfModels(answers: [answer])
    let failure = await models.failure(DeployArguments(bot: try BotNumber(.int(4))))
    #expect(failure?.code == code)
    #expect(models.dialogue.asked == ["Proceed? Type yes: "])
    #expect(models.transport.changes.isEmpty == (code != nil))
  }

  @Test func `without a person the error names --yes`() async throws {
    let models = try FleetOfModels()
    let failure = await models.failure(DeployArguments(target: "all"))
    #expect(failure?.code == "prompt.not_interactive")
    #expect(failure?.hint?.contains("--yes") == true)
    #expect(models.transport.changes == [])
  }

  @Test(arguments: ["routine", "fast"]) func `--yes is enough for a usual speed`(_ speed: String) async throws {
    let models = try FleetOfModels(hosts: 1, options: SessionOptions(assumesYes: true))
    let report = try await models.deploy(DeployArguments(target: "all", speed: speed))
    #expect(report["result"] == "Success".value)
    #expect(models.dialogue.asked == [])
    #expect(models.dialogue.events("deploy.confirmed").first?.fields["by"] == "--yes".value)
  }

  @Test func `a site may forbid --yes for a speed`() async throws {
    let models = try FleetOfModels { table in
      table["confirm"] = .table(["yes_allowed": .array(["routine".value])])
    }
    let failure = await models.failure(DeployArguments(target: "all", speed: "fast"), yes: true)
    #expect(failure?.code == "plan.yes_not_allowed")
    #expect(failure?.message == "the site does not allow --yes for speed 'fast'")
    #expect(failure?.hint?.contains("allowed with --yes: routine") == true)
    #expect(models.transport.changes == [])
  }

  @Test(arguments: [World.Mode.dry, .live])
  func `a runbook gets around neither what the site forbids nor the reason it wants`(_ mode: World.Mode) async throws {
    let rules: [(Value, String)] = [
      (.table(["yes_allowed": .array(["routine".value])]), "plan.yes_not_allowed"),
      (.table(["reason_required": true.value]), "plan.reason_missing"),
    ]
    for (rule, code) in rules {
      let models = try FleetOfModels(options: SessionOptions(assumesYes: true)) { $0["confirm"] = rule }
      var context = CallContext()
      context.run = models.run(mode)
      context.isConfirmed = true
      let failure = await CallContext.$current.withValue(context) {
        await models.failure(DeployArguments(target: "all", speed: "fast"))
      }
      #expect(failure?.code == code)
      #expect(models.transport.changes == [])
    }
  }

  @Test func `immediate with --yes needs a reason`() async throws {
    let models = try FleetOfModels()
    let failure = await models.failure(DeployArguments(target: "all", speed: "immediate"), yes: true)
    #expect(failure?.code == "plan.reason_missing")
    #expect(failure?.hint == "give --reason TEXT (or reason=)")
    #expect(models.transport.changes == [])
  }

  @Test func `immediate with --yes needs a reason even where the site allows it`() async throws {
    let models = try FleetOfModels { table in
      table["confirm"] = .table(["yes_allowed": .array(["immediate".value])])
    }
    let failure = await models.failure(DeployArguments(target: "all", speed: "immediate"), yes: true)
    #expect(failure?.code == "plan.reason_missing")
  }

  @Test func `immediate with a reason goes, and the reason is told`() async throws {
    let models = try FleetOfModels(hosts: 2, options: SessionOptions(reason: "exchange migration"))
    let report = try await models.deploy(DeployArguments(target: "all", speed: "immediate"), yes: true)
    #expect(report["result"] == "Success".value)
    #expect(models.dialogue.text.contains("exchange migration"))
    #expect(models.dialogue.events("deploy.confirmed").first?.fields["reason"] == "exchange migration".value)
  }

  @Test func `a site that requires a reason refuses without one`() async throws {
    let models = try FleetOfModels { $0["confirm"] = .table(["reason_required": .bool(true)]) }
    let failure = await models.failure(DeployArguments(target: "all"), yes: true)
    #expect(failure?.code == "plan.reason_missing")
    #expect(models.transport.changes == [])
    let given = DeployArguments(target: "all", reason: "weekly release")
    #expect(try await models.deploy(given, yes: true)["result"] == "Success".value)
  }

  @Test func `without arguments it asks for target and speed and Enter is routine`() async throws {
    let models = try FleetOfModels(hosts: 2, answers: ["all", "", "2"])
    let report = try await models.deploy(DeployArguments())
    #expect(report["result"] == "Success".value)
    #expect(
      models.dialogue.asked == [
        "Target: staging, bot, all, or a selector: ", "Choose 1=routine 2=fast 3=immediate: ",
        "Proceed? Type the number of hosts (2): ",
      ]
    )
    #expect(models.dialogue.events("deploy.plan").first?.fields["speed"] == "routine".value)
  }

  @Test(arguments: [("2", "fast"), ("fast", "fast"), ("1", "routine")])
  func `the speed is chosen by number or name`(_ answer: String, _ speed: String) async throws {
    let models = try FleetOfModels(hosts: 2, answers: ["all", answer, nil], isInteractive: true)
    #expect(await models.failure(DeployArguments())?.code == "plan.declined")
    #expect(models.dialogue.events("deploy.plan").first?.fields["speed"] == speed.value)
  }

  @Test(arguments: ["4", "0", "quick"]) func `a speed that is not offered is asked for again`(_ answer: String)
    async throws
  {
    let models = try FleetOfModels(hosts: 2, answers: ["all", answer, "fast", "2"])
    #expect(try await models.deploy(DeployArguments())["result"] == "Success".value)
    #expect(models.dialogue.asked.count { $0.hasPrefix("Choose") } == 2)
    #expect(models.dialogue.text.contains("unknown speed '\(answer)'\n  hint: "))
    #expect(models.dialogue.events("deploy.plan").first?.fields["speed"] == "fast".value)
  }

  @Test func `a target or a bot that is not there is asked for again`() async throws {
    let models = try FleetOfModels(answers: ["stagin", "bot", "99", "5", "yes"])
    #expect(try await models.deploy(DeployArguments())["result"] == "Success".value)
    #expect(models.dialogue.asked.count { $0.hasPrefix("Target") } == 2)
    #expect(models.dialogue.asked.count { $0.hasPrefix("Which bot") } == 2)
    #expect(models.state("web002")?.bots["bot5"]?.digest == FleetOfModels.digests["v2"])
  }

  @Test func `the help says which targets take no speed`() async throws {
    let models = try FleetOfModels(hosts: 2)
    let failure = await models.failure(DeployArguments(target: "staging", speed: "routine"), yes: true)
    #expect(failure?.hint == "drop speed=; staging and single bots always use the default speed")
    let deploy = try #require(models.fleet.deployPrimitives.first { $0.info.name == "fleet.deploy" })
    let speed = try #require(deploy.info.parameters.first { $0.name == "speed" })
    #expect(speed.help.contains("staging and bot always use the default speed"))
  }

  @Test func `with --yes nothing is asked even where somebody could answer`() async throws {
    let models = try FleetOfModels(hosts: 2, isInteractive: true)
    #expect(try await models.deploy(DeployArguments(target: "all"), yes: true)["result"] == "Success".value)
    #expect(models.dialogue.asked == [])
    #expect(await models.failure(DeployArguments(), yes: true)?.code == "call.argument")
  }

  @Test func `a bot is asked for by number`() async throws {
    let models = try FleetOfModels(answers: ["bot", "5", "yes"])
    let report = try await models.deploy(DeployArguments())
    #expect(report["result"] == "Success".value)
    #expect(models.transport.changes.allSatisfy { $0.host == "web002" })
    #expect(models.state("web002")?.bots["bot5"]?.digest == FleetOfModels.digests["v2"])
    #expect(models.state("web002")?.bots["bot4"]?.digest == FleetOfModels.digests["v1"])
  }

  @Test(arguments: [[nil], ["bot", nil], ["all", nil]] as [[String?]])
  func `the end of input at a question cancels and takes no default`(_ answers: [String?]) async throws {
    let models = try FleetOfModels(answers: answers + ["2"], isInteractive: true)
    #expect(await models.failure(DeployArguments())?.code == "call.cancelled")
    #expect(models.dialogue.asked.count == answers.count)
    #expect(models.transport.sent == [])
  }

  @Test func `the table of speeds is the one of seed 001`() throws {
    let menu = SpeedMenu(speeds: try SpeedTable.builtIn(), hosts: 178, bots: 534)
    #expect(
      menu.render() == """
        Deploy speed for ALL 178 production hosts (~534 bots):
          speed      hosts/at  ~logins  stop  halt-errs  est. time
          routine    5         ~15      35s   10%        ~15-30 min       Almost always
          fast       10        ~30      20s   10%        ~8-15 min        When you need it sooner
          immediate  ALL       ~534     5s    never      fires over ~60s  Only for a genuine emergency
        """
    )
  }
}
