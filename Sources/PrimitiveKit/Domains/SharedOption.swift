/// An option that scripts and those commands share that change something; a command that has no use for it refuses it.
package enum SharedOption: String, Sendable, CaseIterable {
  case dryRun = "dry-run"
  case yes
  case reason

  /// Its declaration.
  package var info: CommandArgumentInfo {
    switch self {
    case .dryRun: CommandArgument.dryRun.info
    case .yes: CommandArgument.yes.info
    case .reason: CommandArgument.reason.info
    }
  }

  /// What is said of a command that does not take it.
  func refusal(of command: String) -> String {
    switch self {
    case .dryRun: "\(command) has no dry run"
    case .yes, .reason: "\(command) takes no --\(rawValue)"
    }
  }
}

extension CommandArgument<Bool> {
  package static var dryRun: Self { flag("dry-run", "read for real, change nothing, print the plan") }
  package static var yes: Self { flag("yes", letter: "y", "confirm in advance, where the site allows it") }
}

extension CommandArgument<String?> {
  package static var reason: Self { option("reason", "TEXT", default: nil, "why; required for some changes") }
}
