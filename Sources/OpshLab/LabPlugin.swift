/// The plugin that a lab lays beside its site: its fleet as a product, for whoever wants to see how one looks.
enum LabPlugin {
  static func write(_ layout: Layout) throws {
    try Files.makeDirectories("\(layout.plugin)/runbooks")
    for (name, bytes) in [
      ("plugin.lua", PackageResources.plugin_lua), ("init.lua", PackageResources.init_lua),
      ("system.lua", PackageResources.system_lua), ("init_spec.lua", PackageResources.init_spec_lua),
      ("runbooks/handover.lua", PackageResources.handover_lua),
      ("runbooks/handover_spec.lua", PackageResources.handover_spec_lua),
    ] {
      try Files.write(String(decoding: bytes, as: UTF8.self), to: "\(layout.plugin)/\(name)")
    }
  }
}
