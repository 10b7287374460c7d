import PrimitiveKit
import RunbookHeader
import Site

/// For which system a primitive of a plugin with `system.lua` is called.
///
/// The caller says it in a parameter of type `system`: the first that the plugin declares, else one that is added as the
/// last, `system`. It may be left out where the plugin serves one system.
struct SystemChoice: Sendable {
  /// The parameter that names it.
  let parameter: String
  private let isDeclared: Bool
  private let call: String
  private let plugin: String
  private let systems: SystemCatalog

  init(_ declared: PrimitiveDeclaration, of plugin: String, _ systems: SystemCatalog) {
    let own = declared.params.first { $0.type == ParameterType(.system) }
    parameter = own?.name ?? "system"
    isDeclared = own != nil
    call = "\(plugin).\(declared.name)"
    self.plugin = plugin
    self.systems = systems
  }

  /// The parameter that the plugin does not declare.
  var added: [DeclaredParameter] {
    guard !isDeclared else { return [] }
    let isOnly = systems.systems.count == 1
    let info = ParameterInfo(
      name: parameter,
      type: SystemName.luaType,
      help: "The system, or its name",
      isRequired: !isOnly,
      defaultValue: isOnly ? systems.systems.first.map { Value.string($0.name).literal } : nil,
      completion: SystemName.completion
    )
    return [
      DeclaredParameter(info, fallback: nil) { value throws(ConversionError) in .string(try SystemName(value).name) }
    ]
  }

  /// The system of a call; throws `system.unknown` and `system.missing`.
  func system(_ arguments: [String: Value]) throws(CallFailure) -> String {
    if case .string(let name)? = arguments[parameter] { return try systems.system(name).name }
    if systems.systems.count == 1, let only = systems.systems.first { return only.name }
    let names = systems.systems.map(\.name).joined(separator: ", ")
    throw CallFailure(
      .invalid,
      code: "system.missing",
      message: names.isEmpty
        ? "\(call): the site has no system that plugin '\(plugin)' serves"
        : "\(call): '\(parameter)' is missing: the plugin serves several systems",
      hint: names.isEmpty
        ? "add one to `systems` of the site, such as \(plugin) = { plugin = \"\(plugin)\", on = \"…\" }"
        : "one of \(names)"
    )
  }
}

extension PrimitiveDeclaration {
  /// The arguments as the function gets them: systems as handles, and without the parameter that nobody declared.
  ///
  /// Throws `system.unknown` for a system that is not there, or is another plugin's.
  func handed(_ arguments: [String: Value], _ systems: SystemCatalog, _ choice: SystemChoice?)
    throws(CallFailure) -> [String: Value]
  {
    var handed = arguments
    for parameter in params where parameter.type.kind == .system {
      guard case .string(let name)? = arguments[parameter.name] else { continue }
      handed[parameter.name] = SystemName(try systems.system(name).name).value
    }
    if let choice, !params.contains(where: { $0.name == choice.parameter }) { handed[choice.parameter] = nil }
    return handed
  }
}
