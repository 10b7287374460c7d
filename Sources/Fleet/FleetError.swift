import HostScript
import PrimitiveKit

/// What an operator can get wrong with the fleet, or find wrong in it.
enum FleetError: OperatorError, Equatable {
  case noSite(primitive: String)
  case unknownImage(name: String, known: [String])
  case noImage(known: [String])
  case unknownRuntime(name: String, host: String, known: [String])
  case noBots(target: String)
  case targetMissing
  case botMissing
  case notOneBot(String, count: Int)
  case botNotWanted(target: String)
  case speedNotWanted(speed: String, target: String)
  case reasonMissing(speed: String)
  case reasonRequired(site: String)
  case yesNotAllowed(speed: String, allowed: [String])
  case allUnreachable(hosts: String, problem: CallFailure?)
  case allLatched(bots: String)
  case nothingToDo(String)
  case badHostAnswer(host: String, text: String)
  case scriptFailed(host: String, code: String, message: String)
  case drifted(host: String, missing: Bool)
  case badRelease(image: String, digest: String, reason: String)
  case imagePrefix(String, count: Int)
  case planChanged(bot: String, host: String, was: String, is: String)

  var failureClass: FailureClass {
    switch self {
    case .noSite, .unknownImage, .noImage, .unknownRuntime, .noBots, .targetMissing, .botMissing, .notOneBot,
      .botNotWanted, .speedNotWanted, .imagePrefix:
      .invalid
    case .reasonMissing, .reasonRequired, .yesNotAllowed, .nothingToDo, .drifted, .badRelease,
      .planChanged, .allLatched:
      .refused
    case .allUnreachable: .unavailable
    case .badHostAnswer: .failed
    case .scriptFailed: HostFault(code).failureClass
    }
  }

  var mark: FailureMark? {
    switch self {
    case .badHostAnswer, .drifted: .unreadable
    case .scriptFailed: HostFault(code).mark
    default: nil
    }
  }

  var code: String {
    switch self {
    case .noSite: "site.missing"
    case .unknownImage: "fleet.unknown_image"
    case .noImage: "fleet.no_image"
    case .unknownRuntime: "fleet.unknown_runtime"
    case .noBots: "fleet.empty_selection"
    case .targetMissing, .botMissing, .notOneBot, .botNotWanted, .speedNotWanted: "call.argument"
    case .reasonMissing, .reasonRequired: "plan.reason_missing"
    case .yesNotAllowed: "plan.yes_not_allowed"
    case .allUnreachable: "rollout.unreachable"
    case .allLatched: "fleet.latched"
    case .nothingToDo: "fleet.nothing_to_do"
    case .badHostAnswer: "host.bad_answer"
    case .scriptFailed(_, let word, _): word.contains(".") ? word : "host.\(word)"
    case .drifted: "host.drift"
    case .badRelease: "fleet.bad_release"
    case .imagePrefix: "fleet.unknown_image"
    case .planChanged: "plan.changed"
    }
  }

  var message: String {
    switch self {
    case .noSite(let primitive): "\(primitive) needs a site, and no site was given"
    case .unknownImage(let name, _): "the site has no image '\(name)'"
    case .noImage: "no image given, and the site has no default_image"
    case .unknownRuntime(let name, let host, _): "\(host) uses the runtime '\(name)', which no plugin provides"
    case .noBots(let target): "'\(target)' selects no bots"
    case .targetMissing: "fleet.deploy needs a target: staging, bot, all, or any selector"
    case .notOneBot(let name, let count): "bot= takes one bot, and '\(name)' selects \(count)"
    case .botMissing: "target=\"bot\" needs bot=, for example bot=539"
    case .botNotWanted(let target): "bot= works only with target=\"bot\", not with target=\"\(target)\""
    case .speedNotWanted(let speed, let target): "target=\"\(target)\" takes no speed, and '\(speed)' was given"
    case .reasonMissing(let speed): "speed '\(speed)' needs a reason when nothing is typed to confirm it"
    case .reasonRequired(let site): "the site '\(site)' requires a reason for every deploy"
    case .yesNotAllowed(let speed, _): "the site does not allow --yes for speed '\(speed)'"
    case .allUnreachable(let hosts, let problem):
      "none of the hosts can be reached (\(hosts)): \(problem?.message ?? "no answer")"
    case .allLatched(let bots): "every reachable bot is latched: \(bots)"
    case .nothingToDo(let why): why
    case .badHostAnswer(let host, let text): "\(host) sent an answer opsh does not understand: \(text)"
    case .scriptFailed(let host, _, let message): "\(host): \(message)"
    case .drifted(let host, true): "the host script is gone from \(host)"
    case .badRelease(let image, let digest, let reason): "\(image) (\(digest.prefix(19))) is marked bad: \(reason)"
    case .imagePrefix(let digits, 0): "no image of the site has a digest that begins with '\(digits)'"
    case .imagePrefix(let digits, let count): "\(count) images of the site have a digest that begins with '\(digits)'"
    case .planChanged(let bot, let host, let was, let now):
      "\(bot) on \(host) was \(was) when the plan was shown and is now \(now); nothing was changed"
    case .drifted(let host, false): "the host script on \(host) is not the one opsh installed; it was not run"
    }
  }

  var hint: String? {
    switch self {
    case .noSite: "give one with `--site FILE` or $OPSH_SITE, or start opsh in a directory with a site.lua"
    case .unknownImage(let name, let known):
      NearestName.question(for: name, in: known) ?? "images: \(known.joined(separator: ", "))"
    case .noImage(let known): "give image=, one of: \(known.joined(separator: ", "))"
    case .unknownRuntime(_, _, let known):
      "`plugins()` shows which are loaded and where opsh looks"
        + (known.isEmpty ? "" : "; runtimes: \(known.joined(separator: ", "))")
    case .noBots: "`fleet.bots()` lists the bots"
    case .targetMissing: #"try fleet.deploy<target="all", speed="routine">"#
    case .notOneBot(let name, _): "pass it as the target: target=\"\(name)\""
    case .botMissing: #"try fleet.deploy<target="bot", bot=539>"#
    case .botNotWanted: "drop one of the two"
    case .speedNotWanted: "drop speed=; staging and single bots always use the default speed"
    case .reasonMissing, .reasonRequired: "give --reason TEXT (or reason=)"
    case .yesNotAllowed(_, let allowed): "allowed with --yes: \(allowed.joined(separator: ", ")); confirm at a prompt"
    case .allUnreachable(_, let problem):
      problem?.hint ?? "check the network and the key with `fleet.query(\"*\", \"true\")`"
    case .allLatched(let bots): "lift it first: \(BotSwap.lift(bots))"
    case .nothingToDo: nil
    case .badHostAnswer: "run `fleet.drift()` to compare the host script with the one opsh installs"
    case .scriptFailed(_, let code, _): HostFault(code).hint
    case .drifted: "run `fleet.drift()` to compare; running the call again reinstalls it"
    case .badRelease(_, let digest, _): "clear the mark with `releases.clear(\"\(digest)\", \"why\")`"
    case .imagePrefix: "give all 64 digits; `fleet.images()` lists the images on the hosts"
    case .planChanged: "somebody else changed it in the meantime; review a new plan"
    }
  }
}
