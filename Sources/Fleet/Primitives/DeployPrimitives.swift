import Foundations
import PrimitiveKit
import Rollout
import Site

extension Fleet {
  private static let imageHelp = "Image to run, by name or digest; default: the site's default_image"
  private static let speedHelp =
    "How careful; staging and bot always use the default speed, and immediate needs target=\"all\""
  static let targetHelp = "A target of the site, or any selector"

  /// Plan, deploy and verify (seed 001).
  var deployPrimitives: [Primitive] {
    [
      Primitive(
        "fleet.deploy",
        "Rolls bots to an image: plan, typed confirmation, waves with gates, verification, straggler re-check.",
        effect: .changes,
        Parameter<String?>("target", default: nil, Fleet.targetHelp, completion: targetCompletion),
        Parameter<String?>(
          "speed",
          default: nil,
          Fleet.speedHelp,
          completion: speedCompletion
        ),
        Parameter<BotNumber?>("bot", default: nil, "The bot for target=\"bot\", for example 539"),
        Parameter<String?>("image", default: nil, Fleet.imageHelp, completion: .images),
        Parameter<Duration?>(
          "settle",
          default: nil,
          "How long a new bot must run without a restart; default: the speed's"
        ),
        Parameter<String?>("reason", default: nil, "Why; required for immediate when nothing is typed to confirm it"),
        Parameter<Bool>("yes", default: false, "Skip the confirmation where the site allows it"),
        Parameter<Bool>("dry_run", default: false, "Read and plan for real; change nothing"),
        Parameter<Bool>(
          "restores",
          default: false,
          "Return to an image that ran before; rolling this deploy back then marks no image bad"
        ),
        returns: "The report, with every host and bot in exactly one class",
        examples: [
          Example(#"fleet.deploy<target="all", speed="routine", dry_run=true>"#, "what a routine deploy would do"),
          Example(#"fleet.deploy<target="bot", bot=1, image="v2", yes=true>"#, "one bot"),
        ],
        topics: ["rollout", "release", "version", "upgrade", "image"]
      ) { target, speed, bot, image, settle, reason, yes, dry, restores async throws(CallFailure) in
        let arguments = DeployArguments(
          target: target,
          speed: speed,
          bot: bot,
          image: image,
          settle: settle,
          reason: reason,
          restores: restores
        )
        return try await self.deploy(arguments, assumesYes: yes, dry: dry)
      },

      Primitive(
        "fleet.plan",
        "Shows what a deploy would do, after reading every host.",
        effect: .reads,
        Parameter<String>("target", Fleet.targetHelp, completion: targetCompletion),
        Parameter<String?>(
          "speed",
          default: nil,
          Fleet.speedHelp,
          completion: speedCompletion
        ),
        Parameter<BotNumber?>("bot", default: nil, "The bot for target=\"bot\""),
        Parameter<String?>("image", default: nil, Fleet.imageHelp, completion: .images),
        returns: "The plan as data",
        examples: [Example(#"fleet.plan<target="all", speed="fast">"#, "the numbers before a fast deploy")],
        topics: ["rollout", "dry run"]
      ) { target, speed, bot, image async throws(CallFailure) in
        let site = try self.requireSite(for: "fleet.plan")
        let arguments = DeployArguments(target: target, speed: speed, bot: bot, image: image)
        let request = try self.resolve(arguments, in: site)
        try await self.refuseBad(request.image)
        var plan = try await self.plan(request, seed: self.world.drawSeed())
        plan.asked = arguments
        if !CallContext.current.isConfirmed {
          plan.outlook = await self.runs.outlook(of: self.runRequest(plan, run: ""))
        }
        self.dialogue.say(plan.render())
        self.dialogue.shown(plan.value)
        return plan.value
      },

      Primitive(
        "fleet.verify",
        "Compares every bot with an image: on it, logged in, stale, down, or unknown.",
        effect: .reads,
        Parameter<String>("target", default: "all", Fleet.targetHelp, completion: targetCompletion),
        Parameter<String?>(
          "image",
          default: nil,
          "Image they should run, by name or digest; default: the site's default_image",
          completion: .images
        ),
        Parameter<Duration>("wait", default: .zero, "How long to wait for stragglers to log in"),
        returns: "The classes, each with its bots by name",
        examples: [Example(#"fleet.verify<target="all", image="v1">"#, "is everything on v1 and logged in?")],
        topics: ["check", "stale", "down", "login"]
      ) { target, image, wait async throws(CallFailure) in
        let site = try self.requireSite(for: "fleet.verify")
        var request = try self.resolve(DeployArguments(target: target, image: image), in: site)
        request.policy.stragglerWaitSeconds = Int(wait.seconds.rounded(.up))
        let settled = request
        return try await self.plannedRead("fleet.verify", of: settled.shares.map(\.host)) { () throws(CallFailure) in
          let verification = await self.verify(settled)
          self.dialogue.note(verification.isComplete ? .ok : .failuresWithinBudget)
          self.dialogue.shown(verification.value)
          return verification
        }
      },
    ]
  }

  var targetCompletion: Completion {
    .choices(["all", "staging", "bot"] + (site?.targets.keys.sorted() ?? []).filter { $0 != "all" && $0 != "staging" })
  }

  private var speedCompletion: Completion { .choices(speeds.speeds.map(\.name)) }
}

extension DeployPlan {
  /// The plan as data for scripts.
  var value: Value {
    let policy = request.policy
    let worst = policy.worstCase(items: request.shares.count, botsPerHost: request.botsPerHost)
    return .table([
      "target": request.target.value, "image": request.image.name.value, "digest": request.image.reference.digest.value,
      "speed": policy.name.value, "hosts": request.hostNames.value, "bots": request.shares.flatMap(\.bots).value,
      "window": policy.window(successes: request.shares.count, items: request.shares.count).value,
      "tolerated": worst.tolerated.value, "worst_hosts": worst.hosts.value, "worst_bots": worst.bots.value,
      "now": .table(Dictionary(imagesNow.map { ($0.image, $0.bots.value) }, uniquingKeysWith: { $1 })),
      "already_there": finished.value, "known_down": knownDown.map(\.host.name).value,
      "latched": latched.map(\.bot).value, "clears_stop_marks": unmarked.map(\.bot).value,
      "confirmation": confirmation.value,
    ])
  }

  func event(run: String) -> SessionEvent {
    SessionEvent("deploy.plan", value.fields.merging(["run": run.value]) { first, _ in first })
  }
}
