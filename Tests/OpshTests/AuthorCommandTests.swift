import Foundation
import LuaSyntax
import PseudoTerminal
import Reference
import Testing

/// What is written for authors: stubs for editors, and the reference.
struct AuthorCommandTests {
  /// What `--catalog` says of primitives.
  private struct Catalog: Decodable {
    struct Primitive: Decodable {
      let name: String
      let parameters: [Parameter]
      let returns: Returns
    }
    struct Parameter: Decodable {
      let name: String
      let type: String
      let required: Bool
      let choices: [String]?
    }
    struct Returns: Decodable {
      let type: String
      let fields: [Field]
    }
    struct Field: Decodable {
      let name: String
      let type: String
      let fields: [Field]?
    }
    let primitives: [Primitive]
  }

  /// The stubs as an editor reads them: classes with the types of their fields, and functions with those of parameters.
  private struct Stubs {
    var classes: [String: [String: String]] = [:]
    var functions: [String: [String: String]] = [:]
    var aliases: Set<String> = []
    var types: [String] = []

    init(_ text: String) {
      var owner: String?
      var parameters: [String: String] = [:]
      for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
        let words = line.split(separator: " ", maxSplits: 3).map(String.init)
        let rest = line.split(separator: " ", maxSplits: 2).last.map(String.init) ?? ""
        switch words.first {
        case "---@class":
          owner = words[1]
          classes[words[1], default: [:]] = [:]
        case "---@alias": aliases.insert(words[1])
        case "---@field":
          classes[owner ?? "", default: [:]][words[1]] = Stubs.type(rest)
          types.append(Stubs.type(rest))
        case "---@param":
          parameters[words[1]] = Stubs.type(rest)
          types.append(Stubs.type(rest))
        case "---@return": types.append(line.dropFirst("---@return ".count).split(separator: " #")[0].description)
        case "function":
          functions[String(words[1].prefix { $0 != "(" })] = parameters
          parameters = [:]
        default:
          // A name that Lua keeps for itself stands in brackets; a table that can be called is a class.
          if line.contains("] = function(") || line.hasSuffix(" = {}") || line.hasSuffix(" = nil") {
            let name = String(line.prefix { $0 != " " }).replacing("[\"", with: ".").replacing("\"]", with: "")
            functions[name] = parameters
            parameters = [:]
          }
        }
      }
    }

    /// The type at the beginning of a text: up to the first blank outside of brackets, texts and after a colon.
    private static func type(_ text: String) -> String {
      var (depth, isText, last) = (0, false, Character(" "))
      for (index, character) in zip(text.indices, text) {
        if character == "\"" { isText.toggle() }
        if !isText, "(<{[".contains(character) { depth += 1 }
        if !isText, ")>}]".contains(character) { depth -= 1 }
        if character == " ", depth == 0, !isText, ![":", ","].contains(last) { return String(text[..<index]) }
        last = character
      }
      return text
    }
  }

  private static let plugin = """
    return { id = "desk", version = "1.0.0", api = 2, summary = "Opens the desk",
      provides = { primitives = { { name = "open", summary = "Opens the desk", effect = "reads", returns = "Nothing",
        params = { { "at", type = "duration", help = "When" }, { "hosts", type = "hosts", required = false },
          { "mode", choices = { "wide", "end" }, default = "wide" } },
        examples = { { "desk.open{ at = 1 }", "in a second" } } } } } }
    """

  /// A folder with a site, and one with a plugin in it.
  private func place() throws -> Scratch {
    let place = try Scratch()
    try place.file("site.lua", #"return { name = "here", hosts = { { name = "me", transport = "local" } } }"#)
    try place.file("plugins/desk/plugin.lua", Self.plugin)
    try place.file("plugins/desk/init.lua", "return { primitives = { open = function(args) end } }")
    return place
  }

  private func read(_ place: Scratch, _ path: String) throws -> String {
    try String(contentsOfFile: "\(place.path)/\(path)", encoding: .utf8)
  }

  @Test func `the stubs hold every primitive of the catalog, with the types that the catalog says`() throws {
    let place = try place()
    let run = try OpshRun(["init"], directory: place)
    #expect(run.status == 0 && run.output.contains("wrote .opsh/stubs/opsh.lua\n"), "\(run)")
    #expect(run.output.contains("wrote .luarc.json\n"), "\(run)")
    let printed = try OpshRun(["--catalog"], directory: place)
    let catalog = try JSONDecoder().decode(Catalog.self, from: Data(printed.output.utf8))
    #expect(catalog.primitives.count > 60, "\(printed.errors)")
    #expect(catalog.primitives.contains { $0.name == "desk.open" })
    let stubs = Stubs(try read(place, ".opsh/stubs/opsh.lua"))
    for primitive in catalog.primitives {
      let name = primitive.name
      let isNamespace = catalog.primitives.contains { $0.name.hasPrefix(name + ".") }
      let function = try #require(stubs.functions[name], "\(name)")
      if !primitive.parameters.isEmpty { #expect(stubs.classes["\(name).Arguments"] != nil, "\(name)") }
      for parameter in primitive.parameters {
        var type = parameter.type.hasSuffix("?") ? String(parameter.type.dropLast()) : parameter.type
        if let choices = parameter.choices { type = ([type] + choices.map { "\"\($0)\"" }).joined(separator: "|") }
        let optional = parameter.name + (parameter.required ? "" : "?")
        #expect(stubs.classes["\(name).Arguments"]?[optional] == type, "\(name) \(parameter.name)")
        // What can be called and holds others says so by an overload of its class.
        if !isNamespace { #expect(function[optional] == type, "\(name) \(parameter.name)") }
      }
      func check(_ fields: [Catalog.Field], of type: String) throws {
        guard !fields.isEmpty else { return }
        let record = try #require(stubs.classes[LuaTypeText.element(type)], "\(name) \(type)")
        for field in fields {
          let isSaid = record[field.name] == field.type || record["\(field.name)?"] == LuaTypeText.required(field.type)
          #expect(isSaid, "\(type) \(field.name)")
          try check(field.fields ?? [], of: field.type)
        }
      }
      try check(primitive.returns.fields, of: primitive.returns.type)
    }
  }

  @Test func `the stubs are Lua, and every type in them is declared`() throws {
    let place = try place()
    #expect(try OpshRun(["init"], directory: place).status == 0)
    let text = try read(place, ".opsh/stubs/opsh.lua")
    _ = try LuaParser.parse(text)
    #expect(text.hasPrefix("---@meta _\n"))
    let stubs = Stubs(text)
    for type in stubs.types {
      for name in LuaTypeText.names(type) {
        #expect(stubs.classes[name] != nil || stubs.aliases.contains(name), "\(name) in \(type)")
      }
    }
    for name in ["opsh.Job", "opsh.Runbook", "opsh.Parameter", "opsh.CheckDeclaration", "opsh.Measured", "set"] {
      #expect(stubs.classes[name]?.isEmpty == false || name == "opsh.Job", "\(name)")
    }
    #expect(stubs.functions["opsh_Job_class:step"]?["options?"] == "opsh.StepOptions")
    #expect(stubs.functions["unwrap"]?["value"] == "any" && stubs.functions["set"] != nil)
    // The modules that scripts require come with their annotations.
    #expect(try read(place, ".opsh/stubs/opsh/list.lua").contains("---@param records table[]"))
    let places = ["/usr/bin/luacheck", "/usr/local/bin/luacheck"]
    let luacheck = try #require(places.first(where: FileManager.default.fileExists))
    let check = Process()
    check.executableURL = URL(filePath: luacheck)
    check.arguments = ["--no-config", "--no-color", "\(place.path)/.opsh/stubs/opsh.lua"]
    let output = Pipe()
    check.standardOutput = output
    try check.run()
    let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    check.waitUntilExit()
    #expect(check.terminationStatus == 0, "\(said)")
  }

  @Test func `a second run writes only what is opsh's own`() throws {
    let place = try place()
    #expect(try OpshRun(["init"], directory: place).status == 0)
    let again = try OpshRun(["init"], directory: place)
    #expect(again.status == 0 && again.output.contains(".opsh/stubs/opsh.lua is up to date"), "\(again)")
    #expect(again.output.contains("kept .luarc.json\n"), "\(again)")

    try place.file(".luarc.json", #"{ "diagnostics.disable": ["lowercase-global"] }"#)
    let stubs = try read(place, ".opsh/stubs/opsh.lua")
    try place.file(".opsh/stubs/opsh.lua", stubs + "-- old")
    let dry = try OpshRun(["init", "--dry-run"], directory: place)
    #expect(dry.status == 0 && dry.output.contains("would write .opsh/stubs/opsh.lua"), "\(dry)")
    #expect(try read(place, ".opsh/stubs/opsh.lua").hasSuffix("-- old"))
    let third = try OpshRun(["init"], directory: place)
    #expect(third.output.contains("updated .opsh/stubs/opsh.lua"), "\(third)")
    #expect(third.output.contains("kept .luarc.json, which does not name the stubs: add \".opsh/stubs\""), "\(third)")
    #expect(try read(place, ".opsh/stubs/opsh.lua") == stubs)
    #expect(try read(place, ".luarc.json") == #"{ "diagnostics.disable": ["lowercase-global"] }"#)

    try place.file(".opsh/stubs/opsh.lua", "-- mine\n")
    let refused = try OpshRun(["init"], directory: place)
    #expect(refused.status == 65 && refused.errors.contains("was not written by `opsh init`"), "\(refused)")
    #expect(try read(place, ".opsh/stubs/opsh.lua") == "-- mine\n")
  }

  @Test func `a folder that is not there is made, and one in the way of which a file lies is named`() throws {
    let place = try Scratch()
    let run = try OpshRun(["init", "new/fleet"], directory: place)
    #expect(run.status == 0 && run.output.contains("wrote new/fleet/.luarc.json"), "\(run)")
    let settings = try read(place, "new/fleet/.luarc.json")
    let parsed = try JSONSerialization.jsonObject(with: Data(settings.utf8)) as? [String: Any]
    #expect(parsed?["workspace.library"] as? [String] == [".opsh/stubs"])
    try place.file("file", "")
    let refused = try OpshRun(["init", "file"], directory: place)
    #expect(refused.status == 65 && refused.errors.contains("file/.opsh/stubs cannot be created"), "\(refused)")
  }

  @Test func `the reference in docs is what the declarations say`() throws {
    let place = try Scratch()
    let run = try OpshRun(["reference", "pages"], directory: place)
    #expect(run.status == 0, "\(run)")
    let docs = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/reference").standardized
    let files = FileManager.default
    let names = try files.contentsOfDirectory(atPath: "\(place.path)/pages").sorted()
    #expect(names.contains("README.md") && names.contains("fleet.md") && names.contains("lua.md"), "\(names)")
    if ProcessInfo.processInfo.environment["OPSH_RECORD"] == "1" {
      try? files.removeItem(at: docs)
      try files.copyItem(atPath: "\(place.path)/pages", toPath: docs.path)
    }
    #expect(try files.contentsOfDirectory(atPath: docs.path).sorted() == names)
    for name in names {
      let kept = try String(contentsOf: docs.appending(path: name), encoding: .utf8)
      #expect(kept == (try read(place, "pages/\(name)")), "rewrite docs/reference/\(name) with OPSH_RECORD=1")
    }
  }

  @Test func `every error that the reference names is raised somewhere`() throws {
    let place = try Scratch()
    #expect(try OpshRun(["reference", "pages"], directory: place).status == 0)
    let pages = try FileManager.default.contentsOfDirectory(atPath: "\(place.path)/pages")
    var codes: Set<String> = []
    for page in pages {
      let rows = try read(place, "pages/\(page)").matches(of: /\n\| `([a-z]+\.[a-z_]+)` \| [^|]+ \|(?=\n)/)
      codes.formUnion(rows.map { String($0.1) })
    }
    #expect(codes.count > 30, "\(codes)")
    let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources").standardized
    var raised: Set<String> = []
    for name in try FileManager.default.subpathsOfDirectory(atPath: sources.path)
    where name.hasSuffix(".swift") && !name.hasSuffix("Errors.swift") {
      let text = try String(contentsOf: sources.appending(path: name), encoding: .utf8)
      raised.formUnion(text.matches(of: /"([a-z]+\.[a-z_]+)"/).map { String($0.1) })
    }
    #expect(codes.subtracting(raised).isEmpty, "\(codes.subtracting(raised))")
  }

  @Test func `a primitive of a plugin has a page like one of opsh`() throws {
    let place = try place()
    let run = try OpshRun(["reference", "pages"], directory: place)
    #expect(run.status == 0, "\(run)")
    let page = try read(place, "pages/desk.md")
    #expect(page.contains("## desk.open\n") && page.contains("| `at` | `duration` | required | When |"), "\(page)")
    #expect(page.contains("-- in a second\ndesk.open{ at = 1 }\n"), "\(page)")
    #expect(try read(place, "pages/README.md").contains("[desk](desk.md)"))
  }

  @Test func `every link from one page of the documentation to another leads somewhere`() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
    let files = FileManager.default
    let pages =
      ["README.md", "CHANGELOG.md"]
      + (try files.subpathsOfDirectory(atPath: root.appending(path: "docs").path)).filter { $0.hasSuffix(".md") }
      .map { "docs/\($0)" }
    func headings(_ file: URL) throws -> Set<String> {
      let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").filter { $0.hasPrefix("#") }
      return Set(
        lines.map { line in
          let title = line.drop { $0 == "#" }.dropFirst().lowercased()
          return String(title.filter { $0.isLetter || $0.isNumber || "_- ".contains($0) }.map { $0 == " " ? "-" : $0 })
        }
      )
    }
    var count = 0
    for page in pages {
      let file = root.appending(path: page)
      let text = try String(contentsOf: file, encoding: .utf8)
      for match in text.matches(of: /\]\(([^)\s]+)\)/) where !match.1.contains("://") && !match.1.hasPrefix("mailto:") {
        let parts = match.1.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let target =
          parts[0].isEmpty
          ? file : file.deletingLastPathComponent().appending(path: parts[0]).standardized
        #expect(files.fileExists(atPath: target.path), "\(page) links to \(match.1)")
        if parts.count > 1, target.pathExtension == "md", files.fileExists(atPath: target.path) {
          #expect(try headings(target).contains(parts[1]), "\(page) links to \(match.1)")
        }
        count += 1
      }
    }
    #expect(count > 100)
  }
}
