import PrimitiveKit

extension [LoadedPlugin] {
  /// The same, where of two plugins with a runtime or a transport of one name the first has it: the other is not loaded.
  var refusingTwice: [LoadedPlugin] {
    var owners: [String: String] = [:]
    return map { plugin in
      guard plugin.problem == nil, let drivers = plugin.manifest?.provides.drivers else { return plugin }
      for (section, names) in drivers {
        for (index, name) in names.enumerated() {
          let noun = Contributions.noun(section)
          guard let owner = owners["\(noun) \(name)"] else { continue }
          return plugin.failing(
            at: "provides.\(section)[\(index + 1)]",
            "the \(noun) '\(name)' is that of plugin '\(owner)' already",
            hint: "rename the \(noun), or remove one of the two plugins"
          )
        }
      }
      for (section, names) in drivers {
        for name in names { owners["\(Contributions.noun(section)) \(name)"] = plugin.id }
      }
      return plugin
    }
  }
}

extension LoadedPlugin {
  /// The same, not loaded because of a field of its manifest.
  fileprivate func failing(at field: String, _ words: String, hint: String) -> LoadedPlugin {
    var plugin = self
    do throws(CallFailure) {
      plugin.fail(try PluginFile("\(path)/plugin.lua").failure(at: field, words, hint: hint))
    } catch {
      plugin.fail(error)
    }
    return plugin
  }
}
