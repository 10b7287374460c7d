import Drivers
import Foundation
import Foundations
import PrimitiveKit
import Reference

extension Subcommand {
  /// The commands for authors of scripts, runbooks and plugins.
  static var forAuthors: [Subcommand] { [initialize, reference] }

  /// `opsh init`: what an editor needs.
  private static var initialize: Subcommand {
    Subcommand(
      "init",
      "writes stubs for editors, so that lua-language-server completes and checks Lua files",
      CommandArgument<String>.word("DIR", default: ".", "the folder of scripts and runbooks", completion: .files),
      exits: written,
      examples: [
        Example("opsh init", "in the folder of the site"), Example("opsh init --dry-run", "names the files"),
      ],
      shares: [.dryRun]
    ) { call, folder async throws(CallFailure) in
      let work = try call.work
      let files = EditorFiles(folder: folder, stubs: LuaStubs(work), moduleRoots: work.composition.moduleRoots)
      for line in try files.write(isDry: call.isDryRun) { call.dialogue.say(line) }
      return []
    }
  }

  /// `opsh reference`: every primitive as Markdown, those of plugins too.
  private static var reference: Subcommand {
    Subcommand(
      "reference",
      "writes the reference of all primitives as Markdown, with those of the site's plugins",
      CommandArgument<String>.word("DIR", "the folder to write to", completion: .files),
      exits: written,
      examples: [Example("opsh reference pages", "an index, and one page per family")],
      shares: [.dryRun]
    ) { call, folder async throws(CallFailure) in
      let work = try call.work
      let domains = work.composition.domains
      let pages = ReferencePages(work.catalog.infos, shapes: domains.shapes, functions: domains.functions).files
      if !call.isDryRun { try EditorFiles.makeFolder(folder) }
      for (name, text) in pages where !call.isDryRun { try TextFile.write(text, to: "\(folder)/\(name)") }
      call.dialogue.say("\(call.isDryRun ? "would write" : "wrote") \(pages.count) pages to \(folder)")
      return []
    }
  }

  private static let written = [
    CommandExit(.ok, "written"), CommandExit(.dataInvalid, "a file is in the way, or cannot be written"),
  ]
}

extension LuaStubs {
  /// Of everything that the session has, plugins of the site included.
  init(_ work: BatchWork) {
    let domains = work.composition.domains
    self.init(work.catalog.infos, shapes: domains.shapes, functions: domains.functions, version: Opsh.version)
  }
}
