// The four parts of a simulated system as SystemC modules, bound by ports and exports.
//
//   Host.device ----> Frontend.pcie        Frontend.core ----> Core.port        Core.backend ----> Backend.port
//   Host.pcie   <---- Frontend.host
//
// Each wraps a part written in C and holds no model logic. Any of them can be replaced by a module of one's own that
// implements the same interface: bind it in its place.
#ifndef SQTAIL_SC_MODULES_H
#define SQTAIL_SC_MODULES_H

#include <systemc>

extern "C" {
#include "ftl/core.h"
#include "host/host.h"
#include "nand/backend.h"
#include "nvme/controller.h"
}

namespace sqtail {

// What a PCIe function shows to its host: see nvme/pcie.h.
struct pcie_device_if : virtual sc_core::sc_interface {
    virtual uint32_t config_read(uint32_t offset, unsigned bytes) = 0;
    virtual void config_write(uint32_t offset, unsigned bytes, uint32_t value) = 0;
    virtual void mmio_read(uint64_t offset, unsigned bytes, void (*done)(void *, uint64_t), void *context) = 0;
    virtual void mmio_write(uint64_t offset, unsigned bytes, uint64_t value) = 0;
    virtual void reset(enum pcie_reset) {}
};

// What a host shows to its PCIe devices: see nvme/pcie.h.
struct pcie_host_if : virtual sc_core::sc_interface {
    virtual bool dma_read(uint64_t address, void *to, size_t bytes) = 0;
    virtual bool dma_write(uint64_t address, const void *from, size_t bytes) = 0;
    virtual void interrupt(uint32_t vector, uint64_t address, uint32_t data) = 0;
    virtual void intx(bool) {} // for a host that has the line
    virtual bool keeps_vectors() const { return false; }
    virtual bool maps_memory() const { return false; }
};

// The core, as the front-end reaches it: see ftl/ftl.h.
struct ftl_if : virtual sc_core::sc_interface {
    virtual void submit(struct ftl_request *request) = 0;
    virtual void data_in(struct ftl_request *request, uint64_t bytes) = 0;
};

// The back-end, as the core reaches it: see nand/nand.h.
struct nand_if : virtual sc_core::sc_interface {
    virtual void submit(struct nand_op *op) = 0;
    virtual bool widen(struct nand_op *, uint64_t) { return false; } // for a back-end that can
    virtual void assume(uint32_t block, uint32_t rows_written) = 0;
};

class Host : public sc_core::sc_module, private pcie_host_if {
public:
    sc_core::sc_port<pcie_device_if> device{"device"};
    sc_core::sc_export<pcie_host_if> pcie{"pcie"};

    Host(sc_core::sc_module_name name, struct host *host);

private:
    bool dma_read(uint64_t address, void *to, size_t bytes) override;
    bool dma_write(uint64_t address, const void *from, size_t bytes) override;
    void interrupt(uint32_t vector, uint64_t address, uint32_t data) override;

    void end_of_elaboration() override;

    struct host *m_host;
    struct pcie_host_port m_port;
};

class Frontend : public sc_core::sc_module, private pcie_device_if {
public:
    sc_core::sc_port<pcie_host_if> host{"host"};
    sc_core::sc_port<ftl_if> core{"core"};
    sc_core::sc_export<pcie_device_if> pcie{"pcie"};

    Frontend(sc_core::sc_module_name name, struct nvme *nvme);

private:
    uint32_t config_read(uint32_t offset, unsigned bytes) override;
    void config_write(uint32_t offset, unsigned bytes, uint32_t value) override;
    void mmio_read(uint64_t offset, unsigned bytes, void (*done)(void *, uint64_t), void *context) override;
    void mmio_write(uint64_t offset, unsigned bytes, uint64_t value) override;
    void reset(enum pcie_reset kind) override;

    void end_of_elaboration() override;

    struct nvme *m_nvme;
    struct pcie_device_port m_port;
};

class Core : public sc_core::sc_module, private ftl_if {
public:
    sc_core::sc_port<nand_if> backend{"backend"};
    sc_core::sc_export<ftl_if> port{"port"};

    Core(sc_core::sc_module_name name, struct ftl *ftl, struct ftl_port core);

private:
    void submit(struct ftl_request *request) override;
    void data_in(struct ftl_request *request, uint64_t bytes) override;

    void end_of_elaboration() override;

    struct ftl *m_ftl;
    struct ftl_port m_port;
};

class Backend : public sc_core::sc_module, private nand_if {
public:
    sc_core::sc_export<nand_if> port{"port"};

    Backend(sc_core::sc_module_name name, struct nand_port backend);

private:
    void submit(struct nand_op *op) override;
    bool widen(struct nand_op *op, uint64_t units) override;
    void assume(uint32_t block, uint32_t rows_written) override;

    struct nand_port m_port;
};

} // namespace sqtail

#endif
