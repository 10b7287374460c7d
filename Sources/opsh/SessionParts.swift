import Console
import LuaRuntime
import PrimitiveKit
import Reference
import Runbooks

/// What of a session follows from its site: `site.reload()` makes it anew.
struct SessionParts: Sendable {
  let composition: Composition
  /// The primitives of opsh and of the plugins.
  let catalog: Catalog
  let surface: any Surface
  let engine: LuaEngine
  let runbooks: RunbookEngine
  let tools: SessionPrimitives.Tools

  init(_ composition: Composition, _ catalog: Catalog, _ surface: any Surface, _ engine: LuaEngine)
    throws(CallFailure)
  {
    self.composition = composition
    self.catalog = catalog
    self.surface = surface
    self.engine = engine
    tools = SessionPrimitives.Tools(catalog.infos, functions: composition.domains.functions, on: surface)
    runbooks = try composition.runbooks.engine(
      engine,
      catalog: catalog,
      composition.domains,
      composition.surroundings,
      folders: composition.runbookRoots,
      host: composition.plugins,
      plugins: composition.pluginVersions
    )
  }
}
