import PrimitiveKit

/// The errors that primitives of the fleet raise besides those of every call, for the reference.
enum FleetErrors {
  /// Those of one primitive.
  static func of(_ info: PrimitiveInfo) -> [ErrorInfo] {
    let selects = info.parameters.contains { ["on", "target"].contains($0.name) }
    let raises = info.parameters.contains { $0.name == "check" }
    return (own[info.name] ?? []) + (selects ? selection : []) + (raises ? partial : [])
  }

  private static let selection = [
    ErrorInfo("site.missing", "opsh was started without a site"),
    ErrorInfo("fleet.unknown_name", "the site has no host, bot, group or tag of a name"),
    ErrorInfo("fleet.empty_selection", "the selector selects nothing"),
    ErrorInfo("set.syntax", "the text is not a set"),
  ]

  private static let partial = [
    ErrorInfo("change.failed", "it failed on some hosts, and `check` is true or a runbook makes the call"),
    ErrorInfo("change.unreachable", "some hosts cannot be reached; nothing was changed there"),
    ErrorInfo("change.unknown", "the outcome on some hosts is unknown"),
  ]

  private static let commands = [
    ErrorInfo("command.too_long", "the command does not fit into one line; send it as `input`")
  ]

  private static let images = [
    ErrorInfo("fleet.unknown_image", "the site has no such image"),
    ErrorInfo("fleet.no_image", "no image is given, and the site has no default"),
    ErrorInfo("fleet.bad_release", "the release is marked bad"),
    ErrorInfo("fleet.latched", "every bot has a latch"),
    ErrorInfo("rollout.unreachable", "no host can be reached"),
  ]

  private static let own: [String: [ErrorInfo]] = [
    "fleet.deploy": images + [
      ErrorInfo("plan.reason_missing", "the site or the speed requires a reason"),
      ErrorInfo("plan.yes_not_allowed", "the site does not allow to confirm this speed in advance"),
      ErrorInfo("plan.changed", "a bot has changed since the plan was shown"),
      ErrorInfo("gate.unknown", "a name in `gates` of the site is no check"),
      ErrorInfo("rollout.halted", "a budget or a gate stopped it"),
      ErrorInfo("rollout.interrupted", "somebody stopped it"), ErrorInfo("rollout.unknown", "an outcome is unknown"),
      ErrorInfo("deploy.partial", "some bots are not on the image, where nothing may fail"),
    ],
    "fleet.plan": images, "fleet.exec": commands, "fleet.query": commands,
    "fleet.put": [ErrorInfo("host.put_failed", "the file cannot be written, and `check` is true")],
    "fleet.order": [ErrorInfo("fleet.order_cycle", "hosts come `after` each other in a circle")],
  ]
}
