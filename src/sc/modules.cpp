// The modules: exports hand calls to the C parts, and the C parts' ports hand calls to whatever the SystemC ports are
// bound to.
#include "sc/modules.h"

using namespace sc_core;

namespace sqtail {

// --- host ------------------------------------------------------------------------------------------------------------

Host::Host(sc_module_name name, struct host *host) : sc_module(name), m_host(host), m_port(host_get_port(host))
{
    pcie.bind(*this);
}

bool Host::dma_read(uint64_t address, void *to, size_t bytes)
{
    return m_port.dma_read(m_port.self, address, to, bytes);
}

bool Host::dma_write(uint64_t address, const void *from, size_t bytes)
{
    return m_port.dma_write(m_port.self, address, from, bytes);
}

void Host::interrupt(uint32_t vector, uint64_t address, uint32_t data)
{
    m_port.interrupt(m_port.self, vector, address, data);
}

void Host::end_of_elaboration()
{
    struct pcie_device_port port = {};
    port.self = device.operator->();
    port.config_read = [](void *self, uint32_t offset, unsigned bytes) {
        return static_cast<pcie_device_if *>(self)->config_read(offset, bytes);
    };
    port.config_write = [](void *self, uint32_t offset, unsigned bytes, uint32_t value) {
        static_cast<pcie_device_if *>(self)->config_write(offset, bytes, value);
    };
    port.mmio_read = [](void *self, uint64_t offset, unsigned bytes, void (*done)(void *, uint64_t), void *context) {
        static_cast<pcie_device_if *>(self)->mmio_read(offset, bytes, done, context);
    };
    port.mmio_write = [](void *self, uint64_t offset, unsigned bytes, uint64_t value) {
        static_cast<pcie_device_if *>(self)->mmio_write(offset, bytes, value);
    };
    port.reset = [](void *self, enum pcie_reset kind) { static_cast<pcie_device_if *>(self)->reset(kind); };
    host_bind(m_host, port);
}

// --- front-end -------------------------------------------------------------------------------------------------------

Frontend::Frontend(sc_module_name name, struct nvme *nvme) : sc_module(name), m_nvme(nvme), m_port(nvme_get_port(nvme))
{
    pcie.bind(*this);
}

uint32_t Frontend::config_read(uint32_t offset, unsigned bytes)
{
    return m_port.config_read(m_port.self, offset, bytes);
}

void Frontend::config_write(uint32_t offset, unsigned bytes, uint32_t value)
{
    m_port.config_write(m_port.self, offset, bytes, value);
}

void Frontend::mmio_read(uint64_t offset, unsigned bytes, void (*done)(void *, uint64_t), void *context)
{
    m_port.mmio_read(m_port.self, offset, bytes, done, context);
}

void Frontend::mmio_write(uint64_t offset, unsigned bytes, uint64_t value)
{
    m_port.mmio_write(m_port.self, offset, bytes, value);
}

void Frontend::reset(enum pcie_reset kind)
{
    m_port.reset(m_port.self, kind);
}

void Frontend::end_of_elaboration()
{
    struct pcie_host_port host_port = {};
    host_port.self = host.operator->();
    host_port.dma_read = [](void *self, uint64_t address, void *to, size_t bytes) {
        return static_cast<pcie_host_if *>(self)->dma_read(address, to, bytes);
    };
    host_port.dma_write = [](void *self, uint64_t address, const void *from, size_t bytes) {
        return static_cast<pcie_host_if *>(self)->dma_write(address, from, bytes);
    };
    host_port.interrupt = [](void *self, uint32_t vector, uint64_t address, uint32_t data) {
        static_cast<pcie_host_if *>(self)->interrupt(vector, address, data);
    };
    host_port.intx = [](void *self, bool asserted) { static_cast<pcie_host_if *>(self)->intx(asserted); };
    host_port.keeps_vectors = host->keeps_vectors();
    host_port.maps_memory = host->maps_memory();
    struct ftl_port core_port = {};
    core_port.self = core.operator->();
    core_port.submit = [](void *self, struct ftl_request *request) {
        static_cast<ftl_if *>(self)->submit(request);
    };
    core_port.data_in = [](void *self, struct ftl_request *request, uint64_t bytes) {
        static_cast<ftl_if *>(self)->data_in(request, bytes);
    };
    nvme_bind(m_nvme, host_port, core_port);
}

// --- core ------------------------------------------------------------------------------------------------------------

Core::Core(sc_module_name name, struct ftl *ftl, struct ftl_port core) : sc_module(name), m_ftl(ftl), m_port(core)
{
    port.bind(*this);
}

void Core::submit(struct ftl_request *request)
{
    ftl_submit(&m_port, request);
}

void Core::data_in(struct ftl_request *request, uint64_t bytes)
{
    ftl_data_in(&m_port, request, bytes);
}

void Core::end_of_elaboration()
{
    struct nand_port backend_port = {};
    backend_port.self = backend.operator->();
    backend_port.submit = [](void *self, struct nand_op *op) { static_cast<nand_if *>(self)->submit(op); };
    backend_port.widen = [](void *self, struct nand_op *op, uint64_t units) {
        return static_cast<nand_if *>(self)->widen(op, units);
    };
    backend_port.assume = [](void *self, uint32_t block, uint32_t rows_written) {
        static_cast<nand_if *>(self)->assume(block, rows_written);
    };
    ftl_bind(m_ftl, backend_port);
}

// --- back-end --------------------------------------------------------------------------------------------------------

Backend::Backend(sc_module_name name, struct nand_port backend) : sc_module(name), m_port(backend)
{
    port.bind(*this);
}

void Backend::submit(struct nand_op *op)
{
    nand_submit(&m_port, op);
}

bool Backend::widen(struct nand_op *op, uint64_t units)
{
    return nand_widen(&m_port, op, units);
}

void Backend::assume(uint32_t block, uint32_t rows_written)
{
    m_port.assume(m_port.self, block, rows_written);
}

} // namespace sqtail
