import HostScript
import HostScriptTesting
import OpshTesting
import PrimitiveKit
import Site
import Testing

@testable import Fleet

struct VerificationTests {
  private static func bot(_ name: String, _ state: String, _ image: String, _ login: String) -> BotStatus {
    BotStatus(
      bot: name,
      host: "web001",
      state: state,
      image: image,
      digest: FleetOfModels.digests[image] ?? "",
      login: login,
      note: ""
    )
  }

  private func verification(_ bots: [BotStatus]) throws -> Verification {
    let image = try #require(try FleetOfModels().site.fleet.images["v2"])
    return Verification(bots, image: image)
  }

  @Test(arguments: [
    ("running", "v2", "yes", "logged_in"), ("running", "v2", "waiting", "not_logged_in"),
    ("running", "v2", "limited", "not_logged_in"), ("running", "v2", "no", "not_logged_in"),
    ("running", "v2", "unknown", "not_logged_in"), ("running", "v1", "yes", "stale"), ("running", "", "yes", "stale"),
    ("down", "v2", "unknown", "down"), ("crashed", "v2", "unknown", "down"), ("stale-pid", "v2", "unknown", "down"),
    ("unreachable", "", "unknown", "unknown"), ("something new", "v2", "yes", "down"),
  ])
  func `a bot is in exactly one class`(
    _ state: String,
    _ image: String,
    _ login: String,
    _ expected: String
  ) throws {
    let found = try verification([Self.bot("bot1", state, image, login)]).value
    for name in ["logged_in", "not_logged_in", "stale", "down", "unknown"] {
      #expect(found[name] == (name == expected ? ["bot1"] : [String]()).value, "\(name)")
    }
  }

  @Test(
    arguments: [
      ([("running", "v2"), ("running", "v2")], 0.0), ([("running", "v1"), ("running", "v2"), ("down", "")], 1),
      ([("running", "v1"), ("running", "")], 2), ([("down", ""), ("crashed", "v1")], nil), ([], nil),
    ] as [([(String, String)], Double?)]
  )
  func `a host drifts by the bots that run another image, and is UNKNOWN where none runs`(
    bots: [(String, String)],
    value: Double?
  ) throws {
    let site = try FleetOfModels().site
    let (image, host) = (try #require(site.fleet.images["v2"]), try #require(site.hosts.first))
    let states = bots.enumerated().map { Self.bot("bot\($0.offset)", $0.element.0, $0.element.1, "yes") }
    let seen = HostSurvey(host: host, bots: states, problem: nil, duration: .zero)
    #expect(seen.drift(from: image).value == value && seen.drift(from: image).subject == "web001")
    let silent = HostSurvey(
      host: host,
      bots: states,
      problem: CallFailure(.unavailable, code: "host.unreachable", message: "web001 does not answer"),
      duration: .zero
    )
    #expect(silent.drift(from: image).value == nil && !silent.drift(from: image).note.isEmpty)
    #expect(Check.images.isOptional)
  }

  @Test func `the report is the one of seed 001 with ids folded`() throws {
    let bots =
      (1...526).map { Self.bot("bot\($0)", "running", "v2", "yes") }
      + (527...532).map { Self.bot("bot\($0)", "running", "v2", "waiting") }
      + [Self.bot("bot533", "running", "v1", "yes"), Self.bot("bot534", "down", "", "unknown")]
    let found = try verification(bots)
    #expect(
      found.render() == """
        ── verification report (534 bots, v2) ──
        on deployed version : 532/534
        logged in           : 527/534
        stale (old image)   : 1 -> bot533
        down (nothing runs) : 1 -> bot534
        unknown (no answer) : 0
        not logged in yet   : 6 -> bot[527-532]
        """
    )
    #expect(!found.isComplete)
    #expect(found.isPartial)
  }

  @Test func `a bot that the host does not speak of is unknown`() async throws {
    let models = try FleetOfModels()
    models.model("web002") { $0.unspoken = ["bot5"] }
    let request = try models.request(DeployArguments(target: "web002", image: "v1"))
    let found = await models.fleet.verify(request)
    #expect(found.unknown == ["bot5"])
    #expect(found.loggedIn == ["bot4", "bot6"])
  }

  @Test func `bots of a silent host are unknown and the classes sum to N`() async throws {
    let models = try FleetOfModels()
    models.model("web003") { $0.problem = .unreachable(host: "web003", reason: "no route", hint: nil) }
    let found = await models.fleet.verify(try models.request(DeployArguments(target: "all", image: "v1")))
    #expect(found.unknown == ["bot7", "bot8", "bot9"])
    #expect(found.bots.count == 18)
    #expect(found.loggedIn.count == 15)
    #expect(!found.isComplete)
  }

  @Test func `verification reads with our own script and not with the installed one`() async throws {
    let models = try FleetOfModels(hosts: 1)
    _ = await models.fleet.verify(try models.request(DeployArguments(target: "all", image: "v1")))
    let script = try models.runtime().script
    #expect(models.transport.sent.count == 1)
    #expect(models.transport.sent.allSatisfy { $0.input == Array(script.text.utf8) && $0.effect == .reads })
    #expect(models.transport.sent.allSatisfy { !$0.line.contains(script.sha256) })
  }
}
