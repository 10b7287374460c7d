import LuaRuntime
import PrimitiveKit

/// Compares what `init.lua` delivers with what the manifest promises: nothing less, and nothing else.
struct PluginPromise {
  let manifest: PluginManifest
  let file: PluginFile

  private var manifestPath: String { "\(file.path.dropLast("init.lua".count))plugin.lua" }

  /// Throws `plugin.invalid` for the first mistake, with the line in `init.lua`.
  func check(_ module: LuaField) throws(CallFailure) {
    guard case .table(let sections) = module else {
      throw file.failure(
        at: "",
        "expected a table with what plugin.lua promises, got \(PluginPromise.words(module))",
        hint: "end the file with `return { primitives = { … } }`"
      )
    }
    let promised = manifest.provides.functions
    let drivers = manifest.provides.drivers
    let known = (promised + drivers).map(\.section)
    for name in sections.keys.sorted() where !known.contains(name) {
      throw file.failure(
        at: name,
        "plugin.lua promises no \(name)",
        hint: NearestName.question(for: name, in: known) ?? "remove it, or declare it in `provides` of \(manifestPath)"
      )
    }
    for (section, names) in promised {
      try check(sections[section], section, names)
    }
    for (section, names) in drivers {
      if let field = sections[section] { try refuseExtra(in: field, section, names) }
    }
  }

  private func check(_ field: LuaField?, _ section: String, _ names: [String]) throws(CallFailure) {
    let noun = Contributions.noun(section)
    guard let field else {
      throw file.failure(
        at: "",
        "plugin.lua promises the \(noun) '\(names[0])', but the file returns no table `\(section)`",
        hint: "return { \(section) = { \(names[0]) = function(…) … end } }"
      )
    }
    guard case .table(let functions) = field else {
      throw file.failure(
        at: section,
        "expected a table of functions by name, got \(PluginPromise.words(field))",
        hint: nil
      )
    }
    // One that is misspelt is told where it stands.
    try refuseExtra(in: field, section, names)
    for name in names {
      guard let function = functions[name] else {
        throw file.failure(
          at: section,
          "plugin.lua promises the \(noun) '\(name)', but there is no such function",
          hint: "add `\(name) = function(…) … end`, or remove it from `provides.\(section)` of \(manifestPath)"
        )
      }
      guard function.function != nil else {
        throw file.failure(
          at: LuaFieldPath.child(of: section, name),
          "expected a function, got \(PluginPromise.words(function))",
          hint: nil
        )
      }
    }
  }

  private func refuseExtra(in field: LuaField, _ section: String, _ names: [String]) throws(CallFailure) {
    guard case .table(let found) = field else { return }
    for name in found.keys.sorted() where !names.contains(name) {
      let missing = names.filter { found[$0] == nil }
      throw file.failure(
        at: LuaFieldPath.child(of: section, name),
        "plugin.lua promises no \(Contributions.noun(section)) '\(name)'",
        hint: NearestName.question(for: name, in: missing)
          ?? "declare it in `provides.\(section)` of \(manifestPath), or make it a local function"
      )
    }
  }

  private static func words(_ field: LuaField) -> String {
    switch field {
    case .function: "a function"
    case .array, .table: "a table"
    case .value(.null): "nothing"
    case .value(let value): value.literal
    }
  }
}
