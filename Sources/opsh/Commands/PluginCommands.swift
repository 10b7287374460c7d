import Foundation
import Foundations
import PluginAuthoring
import PrimitiveKit
import Specs
import Subprocess

extension Subcommand {
  /// The commands for authors of plugins.
  static var forPlugins: [Subcommand] { [new, review] }

  private static var new: Subcommand {
    Subcommand(
      "plugin new",
      "writes a plugin to begin with: a primitive, a check, a runbook and their specs",
      CommandArgument<String>.word("ID", "its id, which is the name of its folder"),
      CommandArgument<Bool>.flag("system", "for a product: its kinds of bots, what they need, when they are ready"),
      CommandArgument<Bool>.flag("runtime", "with a runtime, a way to run bots"),
      CommandArgument<Bool>.flag("notifier", "with a notifier, which tells somebody"),
      exits: [
        CommandExit(.ok, "written"), CommandExit(.lockRefused, "the folder exists"),
        CommandExit(.dataInvalid, "it cannot be written"),
      ],
      examples: [
        Example("opsh plugin new desk", "writes plugins/desk"),
        Example("opsh plugin new pager --notifier", "with a notifier"),
      ],
      shares: [.dryRun],
      site: .none
    ) { call, id, isSystem, isRuntime, isNotifier async throws(CallFailure) in
      let chosen: [(PluginSkeleton.Kind, Bool)] = [(.system, isSystem), (.runtime, isRuntime), (.notifier, isNotifier)]
      let kinds = chosen.filter(\.1).map(\.0)
      guard kinds.count < 2 else {
        throw CallFailure(
          .usage,
          code: "usage.option",
          message: "a plugin begins with one of --system, --runtime and --notifier",
          hint: "write one, then add the others by hand: docs/plugins.md"
        )
      }
      let work = try call.work
      let names = work.catalog.infos.map(\.name) + work.composition.domains.checks.map(\.declaration.name)
      let shipped = Installation(siteDirectory: nil).plugins
      let taken = Set(names.map { String($0.prefix { $0 != "." }) }).union(shipped)
      let skeleton = try PluginSkeleton(
        kinds.first ?? .plain,
        id: id,
        taken: taken,
        today: CalendarDate(Date())
      )
      let folder = "plugins/\(id)"
      try skeleton.write(to: folder, isDry: call.isDryRun)
      for file in skeleton.files { call.write("\(folder)/\(file.path)\n") }
      call.dialogue.say(
        call.isDryRun ? "dry run: nothing was written" : "change what it measures, then `opsh plugin check \(folder)`"
      )
      return []
    }
  }

  private static var review: Subcommand {
    Subcommand(
      "plugin check",
      "finds mistakes in plugins and runs their specs",
      CommandArgument<[String]>.words("FOLDER", "the folder of a plugin", completion: .files),
      exits: [
        CommandExit(.ok, "no mistakes, and every case passed"), CommandExit(.failuresWithinBudget, "a case failed"),
        CommandExit(.dataInvalid, "it cannot be loaded, or a file has a mistake"),
      ],
      examples: [Example("opsh plugin check plugins/desk", "one plugin")],
      insteadOfDryRun: "it changes nothing"
    ) { call, paths async throws(CallFailure) in
      let work = try call.work
      let review = PluginReview(Specs(of: work), today: CalendarDate(Date()), luacheck: luacheck, shell: parse)
      var values: [Value] = []
      for path in paths {
        let report = try await review.review(path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path)
        if report.exitCode != .ok { call.dialogue.note(report.exitCode) }
        if !call.isJSON { call.write(report.text + "\n") }
        values.append(report.value)
      }
      return call.isJSON ? [.array(values)] : []
    }
  }

  private static let parse: PluginReview.ShellCheck = { path in
    var request = Subprocess(path: "/bin/sh", arguments: ["-n", path])
    request.timeout = .seconds(10)
    guard let result = try? await request.run(), result.status != 0 else { return "" }
    return String(decoding: result.errorOutput, as: UTF8.self)
  }
}
