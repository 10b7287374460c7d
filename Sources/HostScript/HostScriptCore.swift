/// The generic part of the host script, as it lies in `Core/`.
enum HostScriptCore {
  static let text = [
    PackageResources.protocol_sh, PackageResources.lock_sh, PackageResources.epoch_sh, PackageResources.runs_sh,
    PackageResources.swap_sh, PackageResources.stop_sh, PackageResources.exec_sh, PackageResources.main_sh,
  ].map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
}
